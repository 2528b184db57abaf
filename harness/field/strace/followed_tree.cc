#include "harness/field/strace/followed_tree.h"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "harness/base/proc/foreign_files.h"
#include "harness/base/proc/process_status.h"

namespace walsoak::trace {
namespace {

bool makes_thread(const std::string& name) {
  return name == "clone" || name == "clone3" || name == "fork" || name == "vfork";
}

bool begins_thread(const StraceLine& half) {
  return makes_thread(half.text.substr(0, half.text.find('(')));
}

// Locks belong to a descriptor table, whoever shares it: threads, as a rule.
bool shares_descriptors(const std::string& clone) {
  return clone.find("CLONE_FILES") != std::string::npos;
}

std::optional<FileId> file_at(pid_t pid, const std::string& path) {
  struct stat status {};
  if (::stat((os::prefix_of(pid, path) + path).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return FileId{status.st_dev, status.st_ino};
}

std::optional<pid_t> process_of(pid_t tid) {
  const auto process = os::status_number(tid, "Tgid:");
  return process ? std::optional(static_cast<pid_t>(*process)) : std::nullopt;
}

}  // namespace

ProcessView proc_view() {
  return {os::read_descriptor_table, file_at, process_of};
}

ProcessView::Table ProcessView::table_if_allowed(pid_t pid) const {
  try {
    return table(pid);
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

FollowedTree::FollowedTree(ProcessView view, bool stacks, Takers takers)
    : view_(std::move(view)),
      takers_(std::move(takers)),
      reader_(stacks, {[this](pid_t tid) { place(tid); }, [this](const SystemCall& call) { take(call); },
                       [this](pid_t tid) { drop(tid); }}) {}

FollowedProcess::Identify FollowedTree::identify_for(pid_t pid) const {
  return [identify = view_.identify, pid](const std::string& path) { return identify(pid, path); };
}

FollowedTree::Shared FollowedTree::known(pid_t pid) const {
  const auto found = std::find_if(by_thread_.begin(), by_thread_.end(),
                                  [pid](const auto& thread) { return thread.second->pid == pid; });
  return found == by_thread_.end() ? nullptr : found->second;
}

FollowedTree::Shared FollowedTree::made(pid_t pid, FollowedProcess followed) {
  return std::make_shared<Process>(Process{pid, std::move(followed)});
}

bool FollowedTree::start(pid_t pid, std::int64_t at_us) {
  const auto table = view_.table(pid);
  if (!table) return false;
  FollowedProcess process(identify_for(pid));
  process.start(*table, at_us);
  by_thread_[pid] = made(pid, std::move(process));
  started_ = true;
  return true;
}

FollowedProcess* FollowedTree::process(pid_t pid) {
  const Shared found = known(pid);
  return found ? &found->followed : nullptr;
}

FollowedTree::Shared FollowedTree::child_of(const Shared& parent, pid_t tid, const std::string& clone) {
  if (shares_descriptors(clone)) return parent;
  return made(tid, parent->followed.forked(identify_for(tid)));
}

// Finds out whose thread it is that was not met before.
void FollowedTree::place(pid_t tid) {
  if (!started_ || by_thread_.contains(tid)) return;
  if (const auto pid = view_.process_of(tid)) {
    Shared process = known(*pid);
    const auto table = process ? std::nullopt : view_.table_if_allowed(*pid);
    if (table) {
      process = made(*pid, FollowedProcess(identify_for(*pid)));
      process->followed.become(*table);
    }
    if (process) by_thread_[tid] = process;
    if (process) return;
  }
  // It has ended meanwhile, or may not be looked at: whoever is in the middle of making one has made it.
  for (const auto& [parent, line] : reader_.begun()) {
    const auto at = by_thread_.find(parent);
    if (at == by_thread_.end() || !begins_thread(line)) continue;
    by_thread_[tid] = child_of(at->second, tid, line.text);
    return;
  }
}

bool FollowedTree::making() const {
  return std::any_of(reader_.begun().begin(), reader_.begun().end(),
                     [](const auto& half) { return begins_thread(half.second); });
}

void FollowedTree::drop(pid_t tid) {
  by_thread_.erase(tid);
  if (started_ && making()) ended_.insert(tid);
}

// One that has ended before the call that made it (vfork, as a rule) is not there any more.
void FollowedTree::take_made(const Shared& parent, const SystemCall& call) {
  const auto tid = static_cast<pid_t>(call.result);
  if (call.failed() || ended_.erase(tid) > 0 || by_thread_.contains(tid)) return;
  std::string all;
  for (const std::string& argument : call.arguments) all += argument + " ";
  by_thread_[tid] = child_of(parent, tid, all);
}

void FollowedTree::take(const SystemCall& call) {
  const auto at = by_thread_.find(call.tid);
  if (!started_ || at == by_thread_.end()) return;
  const Shared process = at->second;
  if (makes_thread(call.name)) {
    take_made(process, call);
    if (!making()) ended_.clear();
  } else if (call.name == "execve" || call.name == "execveat") {
    if (call.failed()) return;
    std::erase_if(by_thread_, [&](const auto& thread) {
      return thread.second == process && thread.first != process->pid;
    });
    process->followed.become(
        view_.table_if_allowed(process->pid).value_or(std::vector<os::OpenDescriptor>()));
    takers_.program(process->pid);
  } else {
    for (LockLoss& loss : process->followed.apply(call)) takers_.loss(process->pid, std::move(loss));
  }
}

}  // namespace walsoak::trace
