// The processes that strace follows: which thread belongs to which, what is forked, and which program runs.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/field/strace/followed_process.h"
#include "harness/field/strace/strace_reader.h"

namespace walsoak::trace {

// How processes are looked at; nothing where there is none any more.
struct ProcessView {
  using Table = std::optional<std::vector<os::OpenDescriptor>>;

  // Throws std::system_error where it may not be read.
  std::function<Table(pid_t pid)> table;
  std::function<std::optional<FileId>(pid_t pid, const std::string& path)> identify;
  std::function<std::optional<pid_t>(pid_t tid)> process_of;

  // Nothing where it may not be read, either.
  Table table_if_allowed(pid_t pid) const;
};
// The machine's own.
ProcessView proc_view();

class FollowedTree {
 public:
  struct Takers {
    std::function<void(pid_t pid, LockLoss loss)> loss;
    std::function<void(pid_t pid)> program;  // a process has become another program
  };

  FollowedTree(ProcessView view, bool stacks, Takers takers);
  FollowedTree(const FollowedTree&) = delete;
  FollowedTree& operator=(const FollowedTree&) = delete;

  // What strace wrote, cut anywhere. Before start() only calls that do not end count.
  void add(const std::string& text) { reader_.add(text); }
  void end() { reader_.end(); }
  // The process as it is now, while strace stands still. False where it has ended; throws std::system_error
  // where it may not be looked at. A child that may not be is followed by its calls alone.
  bool start(pid_t pid, std::int64_t at_us);
  // nullptr: it has ended.
  FollowedProcess* process(pid_t pid);

 private:
  struct Process {
    pid_t pid;
    FollowedProcess followed;
  };
  using Shared = std::shared_ptr<Process>;

  Shared known(pid_t pid) const;
  bool making() const;
  static Shared made(pid_t pid, FollowedProcess followed);
  Shared child_of(const Shared& parent, pid_t tid, const std::string& clone);
  void place(pid_t tid);
  void take(const SystemCall& call);
  void take_made(const Shared& parent, const SystemCall& call);
  void drop(pid_t tid);
  FollowedProcess::Identify identify_for(pid_t pid) const;

  ProcessView view_;
  Takers takers_;
  StraceReader reader_;
  bool started_ = false;
  std::map<pid_t, Shared> by_thread_;
  std::set<pid_t> ended_;  // while the call that made them may not have come
};

}  // namespace walsoak::trace
