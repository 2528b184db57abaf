#include "harness/run/cell_run.h"

#include "harness/settings/settings.h"

namespace walsoak::run {

void run_cell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener) {
  const bool free_running = Settings::from_json(cell.settings).mode == Mode::free;
  (free_running ? run_free_cell : run_lockstep_cell)(cell, folder, listener);
}

std::filesystem::path cell_folder(const std::string& cell) {
  return std::filesystem::path("cells") / cell;
}
std::filesystem::path cell_stream(const std::string& cell) {
  return std::filesystem::path("cells") / (cell + ".jsonl");
}

}  // namespace walsoak::run
