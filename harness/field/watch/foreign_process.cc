#include "harness/field/watch/foreign_process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

#include "harness/base/proc/descriptor_table.h"
#include "harness/base/proc/foreign_files.h"
#include "harness/base/proc/process_status.h"
#include "harness/base/proc/sqlite_library.h"

namespace walsoak::watch {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kPeekedBytes = 100;  // of a database's header
// A process that opens and closes all the time shows another table at every look: it is loud then.
constexpr int kMostLooks = 4;

observer::Databases::FirstBytes peeking(pid_t pid) {
  return [pid](int fd) { return os::first_bytes(pid, fd, kPeekedBytes); };
}

ordered_json sqlite_event(pid_t pid, std::int64_t tick, std::int64_t t_us) {
  ordered_json libraries = ordered_json::array();
  for (const os::LoadedSqlite& library : os::loaded_sqlite(pid)) {
    libraries.push_back({{"file", library.file}, {"version", library.version}});
  }
  return {{"type", "event"},
          {"tick", tick},
          {"event", "sqlite"},
          {"libraries", std::move(libraries)},
          {"t_us", t_us}};
}

// A deleted sidecar, or two -shm.
bool has_parted(const observer::DescriptorCounts& counts) {
  return counts.wal_deleted + counts.shm_deleted > 0 || counts.shm > 1;
}

using Counted = std::map<std::string, std::optional<observer::DescriptorCounts>>;

}  // namespace

ForeignProcess::ForeignProcess(const os::ProcessEntry& process, observer::DatabaseNames& names, bool peek)
    : process_(process),
      names_(names),
      databases_(peek ? peeking(process.pid) : observer::Databases::FirstBytes()) {}

bool ForeignProcess::ended() const {
  const auto now = os::read_process(process_.pid);
  return !now || now->ended() || now->start_ticks != process_.start_ticks;
}

void ForeignProcess::add(std::vector<observer::FoundDatabase> found, std::vector<NamedDatabase>& named) {
  for (observer::FoundDatabase& database : found) {
    const std::string& name = names_.of(database.path);
    ledger_.add({name, database.path, os::prefix_of(process_.pid, database.path)}, std::move(database.held));
    named.push_back({name, database.path, observer::how_text(database.how)});
  }
}

ordered_json ForeignProcess::board_json(const std::string& name, const observer::BoardKernel& board,
                                        const os::FileNames& file_names) const {
  ordered_json json = board.to_json();
  observer::MainNames names;
  const auto files = std::find_if(ledger_.boards().begin(), ledger_.boards().end(),
                                  [&](const observer::BoardFiles& one) { return one.name == name; });
  const bool in_use = board.counts && board.counts->main > 0 && board.counts->wal + board.counts->journal > 0;
  if (files != ledger_.boards().end() && in_use && board.folder.main) {
    const observer::FileIdentity main = board.folder.main->identity;
    const os::HeldFile held{main.dev, main.ino, files->main_path,
                            static_cast<std::uint64_t>(board.watched.main_links)};
    names.mounts = file_names.mounts(held);
    names.holders = file_names.holders_under_another(held);
    names.lock_folder = observer::has_lock_folder(*files);
  }
  json.update(board.watched_json(names));
  return json;
}

std::optional<Look> ForeignProcess::look(std::int64_t tick, std::int64_t t_us) {
  Look look;
  std::optional<Counted> before;
  std::optional<std::vector<os::OpenDescriptor>> table;
  std::map<std::string, observer::BoardKernel> boards;
  bool quiet = false;
  for (int looks = 0; looks < kMostLooks && !quiet; ++looks) {
    table = os::read_descriptor_table(process_.pid);
    if (!table) return std::nullopt;
    add(databases_.look(*table), look.found);
    boards = ledger_.look(table);
    Counted now;
    for (const auto& [name, board] : boards) now[name] = board.counts;
    quiet = before == now;
    before = std::move(now);
  }
  const auto status = os::read_process_status(process_.pid);
  const auto cpu_ms = os::read_cpu_ms(process_.pid);
  const os::FileNames file_names(process_.pid);
  ordered_json board_lines = ordered_json::object();
  for (const auto& [name, board] : boards) board_lines[name] = board_json(name, board, file_names);
  // Another process may have got the pid before or while its table was read.
  if (ended()) return std::nullopt;
  ordered_json& sample = look.sample;
  sample = {{"type", "sample"}, {"tick", tick}, {"t_us", t_us}, {"quiet", quiet}};
  sample["boards"] = std::move(board_lines);
  sample["process"] = observer::process_json(table, status);
  sample["process"]["database_like"] = databases_.count_doubtful(*table);
  sample["process"]["cpu_ms"] = cpu_ms ? ordered_json(*cpu_ms) : ordered_json();
  // A library that is loaded later shows when its connections part from the others'.
  const bool parted = std::any_of(boards.begin(), boards.end(), [](const auto& named) {
    return named.second.counts && has_parted(*named.second.counts);
  });
  if (!look.found.empty() || (parted && !std::exchange(parted_, true)))
    look.sqlite = sqlite_event(process_.pid, tick, t_us);
  return look;
}

std::optional<std::string> refusal(const os::ProcessEntry& process) {
  try {
    os::read_descriptor_table(process.pid);
    return std::nullopt;
  } catch (const std::system_error& error) {
    const std::string who = fmt::format("process {} ({})", process.pid, process.command);
    constexpr const char* kContainer =
        "for one in a container run it on the host as root with the pid that docker inspect -f "
        "'{{.State.Pid}}' NAME prints, or copy walsoak-watch into it (docker cp, kubectl cp)";
    if (error.code() != std::errc::permission_denied && error.code() != std::errc::operation_not_permitted) {
      return fmt::format("{} cannot be looked into: {}", who, error.what());
    }
    if (process.user && *process.user != ::geteuid()) {
      return fmt::format(
          "{} belongs to user {}, not to {}: run this with sudo, or as that user (sudo -u '#{}'); {}", who,
          *process.user, ::geteuid(), *process.user, kContainer);
    }
    return fmt::format(
        "{} may not be looked into although it is the same user's (its program has capabilities, or it lives "
        "in "
        "another user namespace, or ptrace is restricted: see /proc/sys/kernel/yama/ptrace_scope): run this "
        "with sudo; {}",
        who, kContainer);
  }
}

}  // namespace walsoak::watch
