#include "harness/field/trace/left_processes.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <map>
#include <system_error>

#include "harness/base/os/clock.h"
#include "harness/base/os/descriptor.h"
#include "harness/base/os/proc_text.h"
#include "harness/base/os/process.h"
#include "harness/base/os/signals.h"
#include "harness/field/preload/channel.h"
#include "harness/field/trace/program.h"

namespace walsoak::trace {
namespace {

constexpr int kLookMs = 200;
// A process between exec and its first event is in no list for a moment.
constexpr int kAgainMs = 20;
constexpr int kMostLastLooks = 5;
constexpr std::int64_t kAnnounceUs = 1000000;
constexpr std::int64_t kAfterSignalUs = 2000000;
constexpr std::int64_t kStartUs = 2000000;

// Nothing where it may not be read.
std::optional<std::string> text_of_process(pid_t pid, const char* name) {
  try {
    return os::read_proc_text(fmt::format("/proc/{}/{}", pid, name));
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

std::string program_of(pid_t pid) {
  std::error_code none;
  const auto path = std::filesystem::read_symlink(fmt::format("/proc/{}/exe", pid), none);
  if (!path.empty()) return path.string();
  const std::string name = text_of_process(pid, "comm").value_or("?\n");
  return name.substr(0, name.find('\n'));
}

class LeftProcesses {
 public:
  explicit LeftProcesses(const Wait& wait)
      : library_(wait.preloaded.string()),
        variable_(fmt::format("{}={}", kEventFileVariable, wait.events.string()) + '\0') {}

  // Those that the events name, and those whose environment does.
  void look(const EventFold& fold) {
    for (const auto& [pid, program] : fold.running()) add(static_cast<pid_t>(pid));
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", none)) {
      const std::string name = entry.path().filename().string();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      const auto pid = static_cast<pid_t>(std::stol(name));
      if (pid == ::getpid() || known_.contains(pid)) continue;
      const auto environment = text_of_process(pid, "environ");
      if (environment && environment->find(variable_) != std::string::npos) add(pid);
    }
    std::erase_if(known_, [](const auto& process) { return ended(process.second); });
    for (auto& [pid, process] : known_) judge(pid, process);
  }

  bool any_followed() const {
    return std::any_of(known_.begin(), known_.end(),
                       [](const auto& process) { return process.second.why.empty(); });
  }

  std::vector<UnfollowedProcess> running() const {
    std::vector<UnfollowedProcess> all;
    for (const auto& [pid, process] : known_) {
      all.push_back({pid, program_of(pid), process.why.empty() ? "still runs" : process.why});
    }
    return all;
  }

  // Until one has ended, a signal has come or the time is over.
  void wait(int ms, bool for_signal) const {
    std::vector<pollfd> watched;
    for (const auto& [pid, process] : known_) watched.push_back({process.life.get(), POLLIN, 0});
    if (for_signal) watched.push_back({os::stop_descriptor(), POLLIN, 0});
    ::poll(watched.data(), watched.size(), ms);
  }

 private:
  struct Process {
    os::Descriptor life;
    std::int64_t since_us = 0;
    std::string why;  // it is not followed; empty: it is
  };

  static bool ended(const Process& process) {
    pollfd watched{process.life.get(), POLLIN, 0};
    return !process.life.valid() || ::poll(&watched, 1, 0) > 0;
  }

  void add(pid_t pid) {
    if (known_.contains(pid)) return;
    known_[pid] = {os::life_of(pid), os::system_clock().monotonic_us(), ""};
  }

  void judge(pid_t pid, Process& process) const {
    const auto maps = text_of_process(pid, "maps");
    if (!maps) return;  // may not be looked into: its events say that it is followed
    if (maps->find(library_) != std::string::npos) {
      process.why.clear();
      return;
    }
    std::string reason;
    try {
      reason = why_untraceable(fmt::format("/proc/{}/exe", pid), [](const std::string&) {
                 return std::optional<std::string>();
               }).value_or("");
    } catch (const std::system_error&) {
      return;  // it ends
    }
    const bool starting = os::system_clock().monotonic_us() - process.since_us < kStartUs;
    if (reason.empty() && starting) return;
    process.why =
        "still runs and is not followed: it " + (reason.empty() ? "did not load the library" : reason);
  }

  std::string library_, variable_;
  std::map<pid_t, Process> known_;
};

// Whether a process that lives has written events and is none of those.
bool has_unlisted(const EventFold& fold, const std::vector<UnfollowedProcess>& listed) {
  const auto& running = fold.running();
  return std::any_of(running.begin(), running.end(), [&](const auto& process) {
    const auto is_it = [&](const UnfollowedProcess& one) { return one.pid == process.first; };
    return std::none_of(listed.begin(), listed.end(), is_it) && os::alive(static_cast<pid_t>(process.first));
  });
}

}  // namespace

void EventReader::read(bool last) {
  std::ifstream stream(path_, std::ios::binary);
  stream.seekg(offset_);
  for (std::string line; std::getline(stream, line);) {
    // The end of the file and no newline: a line that is being written.
    if (stream.eof() && !last) break;
    offset_ += static_cast<std::streamoff>(line.size()) + 1;
    if (!line.empty()) fold_.add(line);
  }
}

std::vector<UnfollowedProcess> await_left_processes(EventReader& reader, const Wait& wait) {
  const std::int64_t begin_us = os::system_clock().monotonic_us();
  const bool signalled = os::stop_signal() != 0;
  LeftProcesses left(wait);
  bool announced = false;
  bool again = false;
  std::vector<UnfollowedProcess> running;
  for (;;) {
    reader.read();
    left.look(reader.fold());
    running = left.running();
    const std::int64_t waited_us = os::system_clock().monotonic_us() - begin_us;
    const bool stopped = signalled ? waited_us > kAfterSignalUs : os::stop_signal() != 0;
    const bool over = wait.for_s && static_cast<double>(waited_us) >= *wait.for_s * 1e6;
    // None at the first look: a child may just have taken its parent's place.
    const bool nobody = !left.any_followed();
    if (nobody ? again : stopped || over) break;
    again = nobody;
    if (!again && !announced && !signalled && waited_us > kAnnounceUs) {
      announced = true;
      wait.announce(running);
    }
    left.wait(again ? kAgainMs : kLookMs, !signalled);
  }
  // A child that was forked behind the last look would else be taken for one that ended without a word.
  for (int looks = 0; looks < kMostLastLooks; ++looks) {
    reader.read();
    if (!has_unlisted(reader.fold(), running)) break;
    left.look(reader.fold());
    running = left.running();
  }
  reader.read(true);
  return running;
}

}  // namespace walsoak::trace
