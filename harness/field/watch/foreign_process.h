// A process that walsoak did not start, looked at from outside: one look gives one sample of the kernel
// ledger, in the shape of docs/record.md. Nothing is opened but files of /proc, the files that the process
// has mapped as code (for the version of its SQLite) and, with `peek`, files that are named like databases.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/proc/file_names.h"
#include "harness/base/proc/process_list.h"
#include "harness/evidence/observer/databases.h"
#include "harness/evidence/observer/kernel_ledger.h"

namespace walsoak::watch {

// A database by the name that it has in samples.
struct NamedDatabase {
  std::string name;      // db1, db2, ...
  std::string path;      // of the main file, as the kernel shows it
  std::string_view how;  // observer::how_text's, or "name" of a listing: it looks like one
};

struct Look {
  // {"type":"sample","tick","t_us","quiet","boards":{"db1":{...}},"process":{...}}: what
  // facts::Sample::from_kernel_json and facts::CellFacts take. `quiet` is true where two looks in a row
  // counted the same.
  nlohmann::ordered_json sample;
  std::vector<NamedDatabase> found;  // not known before this look; they stand in the sample already
  // With `found`, and where a deleted sidecar or a second -shm shows first: an event `sqlite` that lists the
  // SQLite libraries of the process (docs/record.md).
  std::optional<nlohmann::ordered_json> sqlite;
};

// One incarnation of a process: its pid and start time. One thread at a time.
class ForeignProcess {
 public:
  // `names` is shared by the incarnations of a process, and outlives this.
  ForeignProcess(const os::ProcessEntry& process, observer::DatabaseNames& names, bool peek);

  // Nothing where the process has ended, whoever has its pid now. `tick` and `t_us` go into the sample as
  // they are. Throws std::system_error where it may not be looked into, as by then it has changed its user.
  std::optional<Look> look(std::int64_t tick, std::int64_t t_us);

  const os::ProcessEntry& process() const { return process_; }
  bool ended() const;

 private:
  void add(std::vector<observer::FoundDatabase> found, std::vector<NamedDatabase>& named);
  nlohmann::ordered_json board_json(const std::string& name, const observer::BoardKernel& board,
                                    const os::FileNames& file_names) const;

  os::ProcessEntry process_;
  observer::DatabaseNames& names_;
  observer::Databases databases_;
  observer::KernelLedger ledger_{{}};
  bool parted_ = false;  // deleted sidecars or two -shm were seen
};

// Why its descriptors cannot be read by us, in one line that says what to do; nothing where they can, or
// where the process has ended.
std::optional<std::string> refusal(const os::ProcessEntry& process);

}  // namespace walsoak::watch
