#include "harness/subject/gateway/spawner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>

#include "harness/protocol/message.h"

namespace walsoak::subject {

Spawner::Spawner(std::vector<std::string> argv, std::map<std::string, std::optional<std::string>> environment,
                 std::int64_t most_alive, std::string prefix)
    : argv_(std::move(argv)),
      environment_(std::move(environment)),
      most_alive_(most_alive),
      prefix_(std::move(prefix)) {}

std::string Spawner::free_writer() const {
  const std::lock_guard lock(mutex_);
  if (static_cast<std::int64_t>(alive_.size()) >= most_alive_) return {};
  return fmt::format("{}{:04}", prefix_, spawned_ + 1);
}

pid_t Spawner::spawn(const board::Board& board, const std::string& task, const std::string& writer) {
  os::SpawnRequest request{.argv = argv_, .environment = environment_, .descriptors = {}, .own_group = false};
  for (const std::string& argument : {std::string("--board"), board.name, std::string("--path"), board.path,
                                      std::string("--task"), task, std::string("--writer"), writer}) {
    request.argv.push_back(argument);
  }
  // Without a leash (a subject started by hand) its workers have none either.
  if (::fcntl(protocol::kLeashDescriptor, F_GETFD) >= 0) {
    request.descriptors[protocol::kLeashDescriptor] = protocol::kLeashDescriptor;
  }
  pid_t pid = -1;
  thread_.run([&] { pid = os::spawn(request); });
  const std::lock_guard lock(mutex_);
  ++spawned_;
  fresh_.push_back({pid, writer, board.name, task});
  alive_.emplace(pid, fresh_.back());
  return pid;
}

os::ExitStatus Spawner::reap(pid_t pid) {
  os::ExitStatus status;
  thread_.run([&] { status = os::wait_for(pid); });
  const std::lock_guard lock(mutex_);
  alive_.erase(pid);
  return status;
}

std::vector<Ended> Spawner::reap_ended() {
  std::vector<Ended> ended;
  thread_.run([&] {
    const std::lock_guard lock(mutex_);
    for (auto worker = alive_.begin(); worker != alive_.end();) {
      const std::optional<os::ExitStatus> status = os::try_wait_for(worker->first);
      if (!status) {
        ++worker;
        continue;
      }
      ended.push_back({worker->second.writer, *status});
      worker = alive_.erase(worker);
    }
  });
  return ended;
}

std::vector<Spawned> Spawner::alive_on(const std::string& board) const {
  const std::lock_guard lock(mutex_);
  std::vector<Spawned> found;
  for (const auto& [pid, worker] : alive_) {
    if (worker.board == board) found.push_back(worker);
  }
  return found;
}

void Spawner::ask_to_end(pid_t pid) const {
  const std::lock_guard lock(mutex_);
  if (alive_.contains(pid)) ::kill(pid, SIGTERM);
}

bool Spawner::alive(pid_t pid, const std::string& writer) const {
  const std::lock_guard lock(mutex_);
  // Of our own the kernel's word alone would not do: a pid that was reaped may belong to another process by
  // now. Of those of another dispatcher on the same boards nothing else is known.
  return (alive_.contains(pid) || !writer.starts_with(prefix_)) && os::alive(pid);
}

std::vector<Spawned> Spawner::take_spawned() {
  const std::lock_guard lock(mutex_);
  return std::exchange(fresh_, {});
}

}  // namespace walsoak::subject
