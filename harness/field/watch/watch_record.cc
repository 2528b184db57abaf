#include "harness/field/watch/watch_record.h"

#include <fmt/format.h>

#include <utility>

#include "harness/base/os/environment.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/version.h"
#include "harness/evidence/record/run_files.h"

namespace walsoak::watch {
namespace {

using nlohmann::ordered_json;

os::RunFolder create(const std::filesystem::path& folder) {
  try {
    return os::RunFolder::create(folder);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::no_space_on_device) throw;  // nothing is wrong with the call
    throw Refused(error.what());
  } catch (const std::exception& error) {
    throw Refused(error.what());
  }
}

}  // namespace

WatchRecord::WatchRecord(const std::filesystem::path& folder, std::vector<std::string> command,
                         const os::ProcessEntry& first)
    : folder_(create(folder)),
      command_(std::move(command)),
      title_(fmt::format("Watching {} (pid {})", first.command, first.pid)),
      started_(os::utc_text(os::system_clock().unix_s())),
      environment_(os::environment_block(folder_.path(), os::Sources::proc_only)) {
  folder_.make_folder("cells");
}

std::string WatchRecord::next_cell() const {
  return fmt::format("w{:02}", summaries_.size() + 1);
}

void WatchRecord::keep(const Segment& ended) {
  runs_.push_back(ended.run_json());
  summaries_.push_back(ended.summary());
}

ordered_json WatchRecord::save(const std::string& state, const Segment* current, int exit_code) {
  std::vector<judgement::CellSummary> cells = summaries_;
  ordered_json runs = runs_;
  if (current != nullptr) {
    cells.push_back(current->summary());
    runs.push_back(current->run_json());
  }
  const std::string name = folder_.path().filename().string();
  record::write_run(folder_, {{"walsoak", kVersion},
                              {"kind", "watch"},
                              {"run", name},
                              {"state", state},
                              {"started", started_},
                              {"command", command_},
                              {"scenarios", ordered_json::array()},
                              {"environment", environment_},
                              {"cells", std::move(runs)}});
  judgement::RunIdentity identity;
  identity.walsoak = kVersion;
  identity.run = name;
  identity.title = title_;
  identity.question = "Do its descriptors on SQLite databases grow, and does it keep its locks and sidecars?";
  identity.state = state;
  identity.command = command_;
  identity.environment = environment_;
  ordered_json summary = judgement::summarise(identity, std::move(cells));
  if (exit_code != 0) summary["exit_code"] = exit_code;
  record::write_summary(folder_, summary);
  return summary;
}

void WatchRecord::write_report(const std::string& markdown) {
  folder_.replace_file("report.md", markdown, os::kSharedFile);
}

}  // namespace walsoak::watch
