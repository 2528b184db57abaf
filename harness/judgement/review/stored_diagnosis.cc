#include "harness/judgement/review/stored_diagnosis.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>
#include <vector>

#include "harness/evidence/record/redact.h"
#include "harness/evidence/record/run_files.h"
#include "harness/evidence/record/stream_reader.h"

namespace walsoak::review {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

ordered_json diagnose_run(const fs::path& folder, const std::string& cell,
                          const judgement::Circumstances& circumstances, judgement::Paths paths) {
  const ordered_json run = record::read_run(folder);
  ordered_json cells = ordered_json::array();
  std::vector<std::string> names;
  for (const ordered_json& recorded : run.at("cells")) {
    const std::string name = recorded.at("cell").get<std::string>();
    const fs::path stream = folder / "cells" / (name + ".jsonl");
    if (!fs::exists(stream) || fs::file_size(stream) == 0) continue;
    names.push_back(name);
    if (!cell.empty() && cell != name) continue;
    facts::ProcessHistory evidence;
    const auto end = record::read_stream(stream, [&](const ordered_json& line) { evidence.accept(line); });
    if (end.cut_off) evidence.note_cut(end.lines + 1, end.bytes);
    cells.push_back(judgement::case_json(name, evidence, circumstances, paths));
  }
  if (names.empty()) throw std::runtime_error(folder.string() + ": no cell of this run was recorded yet");
  if (cells.empty()) {
    throw std::runtime_error(fmt::format("--cell {}: this run has no such cell on record; valid: {}", cell,
                                         fmt::join(names, ", ")));
  }
  if (paths == judgement::Paths::shown) return cells;
  return record::redact_json(cells, record::identity_of(run.value("environment", ordered_json::object())));
}

}  // namespace walsoak::review
