#include "harness/field/strace/attach.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "harness/base/os/clock.h"
#include "harness/base/os/event_loop.h"
#include "harness/base/os/proc_text.h"
#include "harness/base/os/process.h"
#include "harness/base/os/signals.h"
#include "harness/base/proc/process_list.h"
#include "harness/field/strace/followed_tree.h"
#include "harness/field/strace/strace_program.h"

namespace walsoak::trace {
namespace {

using nlohmann::ordered_json;
using Table = std::optional<std::vector<os::OpenDescriptor>>;

constexpr std::int64_t kLetGoUs = 5000000;

std::string thread_name(pid_t pid, pid_t tid) {
  std::string name = os::read_proc_text(fmt::format("/proc/{}/task/{}/comm", pid, tid)).value_or("?\n");
  return name.substr(0, name.find('\n'));
}

ordered_json event_of(const char* name, std::int64_t t_us, pid_t pid, pid_t tid) {
  return {{"event", name}, {"t_us", t_us}, {"pid", pid}, {"tid", tid}, {"thread", thread_name(pid, tid)}};
}

// The processes below this one, which strace does not follow since they run already, and how many databases
// each holds. Those that hold one come first.
ordered_json children_of(pid_t pid, const ProcessView& view) {
  std::vector<pid_t> below = {pid};
  std::vector<std::pair<std::size_t, ordered_json>> found;
  const std::vector<os::ProcessEntry> all = os::list_processes();
  for (std::size_t i = 0; i < below.size(); ++i) {
    for (const os::ProcessEntry& entry : all) {
      if (entry.parent != below[i] || entry.ended()) continue;
      below.push_back(entry.pid);
      const auto table = view.table_if_allowed(entry.pid);
      ordered_json child{{"pid", entry.pid}, {"program", entry.command}};
      child["databases"] = table ? ordered_json(databases_in(*table).size()) : ordered_json();
      found.emplace_back(table ? databases_in(*table).size() : 0, std::move(child));
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& one, const auto& other) { return one.first > other.first; });
  ordered_json children = ordered_json::array();
  for (auto& [databases, child] : found) children.push_back(std::move(child));
  return children;
}

ordered_json program_event(pid_t pid) {
  ordered_json event = event_of("process", os::unix_us(), pid, pid);
  std::error_code none;
  event["schema_version"] = 1;
  event["program"] = std::filesystem::read_symlink(fmt::format("/proc/{}/exe", pid), none).string();
  const auto entry = os::read_process(pid);
  event["parent"] = entry ? entry->parent : 0;
  event["attached"] = true;
  return event;
}

bool of_file(const os::OpenDescriptor& descriptor, const FileId& file) {
  return FileId{descriptor.dev, descriptor.ino} == file;
}

bool kernel_has(const std::vector<os::OpenDescriptor>& table, const HeldLock& lost) {
  return std::any_of(table.begin(), table.end(), [&](const os::OpenDescriptor& descriptor) {
    return of_file(descriptor, lost.file) &&
           std::any_of(descriptor.locks.begin(), descriptor.locks.end(), [&](const os::FileLock& lock) {
             return lock.kind == os::FileLock::Kind::posix &&
                    lock.overlaps(lost.range.first, lost.range.last);
           });
  });
}

bool guarded(const std::vector<os::OpenDescriptor>& table, const FileId& file) {
  return std::any_of(table.begin(), table.end(), [&](const os::OpenDescriptor& descriptor) {
    return of_file(descriptor, file) &&
           std::any_of(descriptor.locks.begin(), descriptor.locks.end(), [&](const os::FileLock& lock) {
             return lock.kind == os::FileLock::Kind::ofd && lock.overlaps(kMainRange.first, kMainRange.last);
           });
  });
}

class Follower {
 public:
  Follower(const Attachment& attachment, const std::function<void(const ordered_json&)>& write)
      : attachment_(attachment),
        write_(write),
        view_(proc_view()),
        tree_(view_, attachment.stacks,
              {[this](pid_t pid, LockLoss loss) { suspect(pid, std::move(loss)); },
               [this](pid_t pid) {
                 if (counts(pid)) write_(program_event(pid));
               }}),
        loop_(os::system_clock()),
        strace_(attachment.strace, attachment.pid, attachment.stacks) {}

  void follow() {
    if (os::stop_signal() != 0) return;
    life_ = os::life_of(attachment_.pid);
    if (!start()) return;
    loop_.watch(strace_.output(), [this] { take_text(); });
    loop_.watch(strace_.messages(), [this] { strace_.read_messages(); });
    loop_.watch(os::stop_descriptor(), [this] { let_go(); });
    if (life_.valid()) loop_.watch(life_.get(), [this] { let_go(); });
    if (attachment_.for_s) {
      const auto due = os::system_clock().monotonic_us() + std::llround(*attachment_.for_s * 1e6);
      loop_.at(due, [this] { let_go(); });
    }
    loop_.run();
    tree_.end();
    tell_suspects(false);
    if (!detached_ && !os::ended(attachment_.pid)) {
      const std::string& said = strace_.last_message();
      throw std::runtime_error("strace ended before the process did; what came before is in the events" +
                               (said.empty() ? said : " (" + said + ")"));
    }
  }

 private:
  struct Suspect {
    pid_t pid;
    std::string thread;
    LockLoss loss;
  };

  bool counts(pid_t pid) const { return attachment_.follow || pid == attachment_.pid; }

  // The state to begin with: nothing goes on meanwhile.
  bool start() {
    // Before the process is held up. One that begins just now may be named, and is followed.
    ordered_json children = children_of(attachment_.pid, view_);
    strace_.pause();
    tree_.add(strace_.read());
    const bool there = tree_.start(attachment_.pid, os::unix_us());
    ordered_json event = program_event(attachment_.pid);
    if (there) {
      event["locked"] = tree_.process(attachment_.pid)->locked();
      event["children"] = std::move(children);
    }
    strace_.resume();
    if (there) write_(event);
    return there;
  }

  void take_text() {
    tree_.add(strace_.read());
    tell_suspects(true);
    if (strace_.ended()) loop_.stop();
  }

  // What strace has seen by then still comes, up to its end. A thread that cannot be stopped may keep it from
  // that.
  void let_go() {
    loop_.forget(os::stop_descriptor());
    loop_.forget(life_.get());
    if (std::exchange(detached_, true)) return;
    strace_.detach();
    loop_.at(os::system_clock().monotonic_us() + kLetGoUs, [this] { loop_.stop(); });
  }

  void suspect(pid_t pid, LockLoss loss) {
    if (!counts(pid)) return;
    std::string thread = thread_name(pid, loss.call.tid);
    suspects_.push_back({pid, std::move(thread), std::move(loss)});
  }

  // With `ask`, the kernel says whether the locks are gone: while nothing goes on, or, once strace has let
  // go, as the process runs.
  void tell_suspects(bool ask) {
    if (suspects_.empty()) return;
    if (ask && !detached_) {
      strace_.pause();
      tree_.add(strace_.read());
    }
    std::map<pid_t, Table> tables;
    for (const Suspect& suspect : suspects_) {
      if (!tables.contains(suspect.pid)) tables[suspect.pid] = view_.table_if_allowed(suspect.pid);
    }
    std::vector<ordered_json> events;
    for (Suspect& suspect : std::exchange(suspects_, {})) {
      const Table& table = tables.at(suspect.pid);
      if (ask && table && !lost_in_kernel(suspect, *table)) continue;
      events.push_back(loss_event(suspect, table && guarded(*table, suspect.loss.locks.front().file)));
    }
    strace_.resume();
    for (const ordered_json& event : events) write_(event);
  }

  // A lock that calls tell to be gone and the kernel has is there: what closed it was another file.
  bool lost_in_kernel(const Suspect& suspect, const std::vector<os::OpenDescriptor>& table) {
    FollowedProcess* const process = tree_.process(suspect.pid);
    if (process == nullptr || process->holds_again(suspect.loss)) return true;
    const auto& locks = suspect.loss.locks;
    if (std::none_of(locks.begin(), locks.end(),
                     [&](const HeldLock& lock) { return kernel_has(table, lock); })) {
      return true;
    }
    process->put_back(suspect.loss);
    return false;
  }

  static ordered_json loss_event(const Suspect& suspect, bool is_guarded) {
    const LockLoss& loss = suspect.loss;
    ordered_json event = event_of("lock_loss", loss.call.began_us, suspect.pid, loss.call.tid);
    event["thread"] = suspect.thread;
    event["path"] = loss.path;
    event["file"] = loss.wal_index() ? "shm" : "main";
    event["call"] = loss.call.name;
    event["fd"] = loss.fd;
    event["guarded"] = is_guarded;
    event["locks"] = ordered_json::array();
    for (const HeldLock& lock : loss.locks) {
      event["locks"].push_back({{"first", lock.range.first},
                                {"last", lock.range.last},
                                {"mode", lock.write ? "write" : "read"},
                                {"fd", lock.fd}});
    }
    event["stack"] = stack_of(loss.call);
    return event;
  }

  // From the frame that made the call on.
  static ordered_json stack_of(const SystemCall& call) {
    ordered_json stack = ordered_json::array();
    const auto caller = caller_of(call);
    bool inside = false;
    for (const StraceFrame& frame : call.stack) {
      inside = inside || (caller && frame.module == caller->module && frame.offset == caller->offset);
      if (!inside) continue;
      ordered_json item = {{"module", frame.module}, {"offset", frame.offset}};
      if (!frame.symbol.empty()) item["symbol"] = frame.symbol;
      stack.push_back(std::move(item));
    }
    return stack;
  }

  const Attachment& attachment_;
  const std::function<void(const ordered_json&)>& write_;
  const ProcessView view_;
  FollowedTree tree_;
  os::EventLoop loop_;
  Strace strace_;
  os::Descriptor life_;
  std::vector<Suspect> suspects_;
  bool detached_ = false;
};

}  // namespace

void follow_attached(const Attachment& attachment,
                     const std::function<void(const ordered_json& event)>& write) {
  Follower(attachment, write).follow();
}

}  // namespace walsoak::trace
