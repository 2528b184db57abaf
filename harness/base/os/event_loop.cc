#include "harness/base/os/event_loop.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

namespace walsoak::os {

EventLoop::EventLoop(const Clock& clock) : clock_(clock), wake_(make_pipe()) {
  // A full pipe wakes the loop as well as one more byte would.
  for (const int fd : {wake_.read_end.get(), wake_.write_end.get()}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
}

void EventLoop::watch(int descriptor, Act on_readable) {
  watched_[descriptor] = std::move(on_readable);
}

void EventLoop::forget(int descriptor) {
  watched_.erase(descriptor);
}

void EventLoop::at(std::int64_t due_us, Act act) {
  timers_.emplace(due_us, std::move(act));
}

void EventLoop::post(Act act) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(act));
  }
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = ::write(wake_.write_end.get(), &byte, 1);
}

int EventLoop::poll_timeout_ms() const {
  if (timers_.empty()) return -1;
  constexpr std::int64_t kLongestMs = 60000;
  const std::int64_t left_us = timers_.begin()->first - clock_.monotonic_us();
  return static_cast<int>(std::clamp<std::int64_t>((left_us + 999) / 1000, 0, kLongestMs));
}

void EventLoop::fire_timers() {
  const std::int64_t now_us = clock_.monotonic_us();
  // So many and no more: a timer that sets the next one for a time that has passed must not keep the loop
  // from its descriptors.
  auto due = std::distance(timers_.begin(), timers_.upper_bound(now_us));
  for (; due > 0 && !stopped_; --due) {
    const auto timer = timers_.extract(timers_.begin());
    lag_us_ = std::max(lag_us_, clock_.monotonic_us() - timer.key());
    timer.mapped()();
  }
}

void EventLoop::take_posted() {
  char bytes[256];
  while (::read(wake_.read_end.get(), bytes, sizeof bytes) > 0) {
  }
  std::vector<Act> acts;
  {
    const std::lock_guard lock(mutex_);
    acts.swap(posted_);
  }
  for (const Act& act : acts) act();
}

void EventLoop::run() {
  std::vector<pollfd> waited;
  while (!stopped_) {
    waited.assign(1, {wake_.read_end.get(), POLLIN, 0});
    for (const auto& [descriptor, act] : watched_) waited.push_back({descriptor, POLLIN, 0});
    if (::poll(waited.data(), waited.size(), poll_timeout_ms()) < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "poll");
    }
    if (waited[0].revents != 0) take_posted();
    for (std::size_t i = 1; i < waited.size() && !stopped_; ++i) {
      if (waited[i].revents == 0) continue;
      // An act before this one may have forgotten it. Copied: an act may forget itself.
      const auto found = watched_.find(waited[i].fd);
      if (found != watched_.end()) Act(found->second)();
    }
    fire_timers();
  }
}

std::int64_t EventLoop::take_lag_us() {
  return std::exchange(lag_us_, 0);
}

}  // namespace walsoak::os
