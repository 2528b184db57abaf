#include "harness/lab/launch/peer.h"

#include <poll.h>

#include <cerrno>
#include <system_error>

#include "harness/base/os/clock.h"
#include "harness/base/os/signals.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/plain_reason.h"
#include "harness/lab/launch/peer_ended.h"

namespace walsoak::lab {

using protocol::Message;

bool wait_readable(int fd, int patience_ms) {
  const std::int64_t deadline_us = os::system_clock().monotonic_us() + std::int64_t{patience_ms} * 1000;
  for (;;) {
    if (const int signal = os::stop_signal()) throw Stopped(signal);
    const std::int64_t left_ms = (deadline_us - os::system_clock().monotonic_us()) / 1000;
    if (left_ms <= 0) return false;
    pollfd waited[] = {{fd, POLLIN, 0}, {os::stop_descriptor(), POLLIN, 0}};
    if (::poll(waited, 2, static_cast<int>(left_ms)) < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "poll");
    }
    if (waited[0].revents != 0 && os::stop_signal() == 0) return true;
  }
}

Peer::Peer(std::string name, protocol::Channel channel, std::function<void(const Message&)> on_event)
    : name_(std::move(name)), channel_(std::move(channel)), on_event_(std::move(on_event)) {}

std::optional<Message> Peer::take_buffered() {
  try {
    std::optional<Message> message = channel_.take_buffered();
    if (message) message->at("type").get_ref<const std::string&>();
    return message;
  } catch (const nlohmann::json::exception& error) {
    throw Failed(
        fmt::format("{} cannot be understood: found {}: {}", name_, last_said(), plain_reason(error)));
  } catch (const std::exception& error) {
    throw Failed(fmt::format("{} cannot be understood: {}", name_, error.what()));
  }
}

std::string Peer::last_said() const {
  constexpr std::size_t kLongest = 160;
  const std::string& line = channel_.last_line();
  return line.size() <= kLongest ? line : line.substr(0, kLongest) + "...";
}

bool Peer::hand_over(const Message& message) const {
  if (message.at("type") != "event" && message.at("type") != "tick") return false;
  if (on_event_) on_event_(message);
  return true;
}

bool Peer::pump(const std::function<void(const Message&)>& on_message) {
  const bool open = channel_.fill();
  while (std::optional<Message> message = take_buffered()) {
    if (!hand_over(*message)) on_message(*message);
  }
  return open;
}

Message Peer::await(int patience_ms) {
  for (;;) {
    while (std::optional<Message> message = take_buffered()) {
      if (!hand_over(*message)) return *std::move(message);
    }
    if (!wait_readable(channel_.read_descriptor(), patience_ms)) {
      throw Failed(fmt::format("{} has not answered for {} s", name_, patience_ms / 1000));
    }
    if (!channel_.fill()) fail_ended("ended in mid-conversation");
  }
}

Message Peer::call(const Message& message, int patience_ms) {
  send(message);
  Message answer = await(patience_ms);
  if (answer.value("type", "") != "done" || answer.value("id", Message()) != message.at("id")) {
    const std::string asked = message.value("step", message.value("type", ""));
    throw Failed(
        fmt::format("{} answered {} to {} (id {})", name_, last_said(), asked, message.at("id").dump()));
  }
  return answer;
}

void Peer::send(const Message& message) {
  try {
    channel_.send(message);
  } catch (const std::system_error& error) {
    fail_ended(fmt::format("no longer reads ({})", error.code().message()));
  }
}

void Peer::fail_ended(const std::string& found) {
  const std::optional<facts::Death> death = post_mortem_ ? post_mortem_() : std::nullopt;
  if (death) throw PeerEnded(fmt::format("{} {}: {}", name_, found, death->how()), death);
  throw PeerEnded(fmt::format("{} {}{}", name_, found,
                              post_mortem_ ? ": its output is closed, but the process still runs" : ""));
}

}  // namespace walsoak::lab
