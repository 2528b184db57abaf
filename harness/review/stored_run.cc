#include "harness/review/stored_run.h"

#include <fmt/format.h>

#include "harness/record/run_files.h"
#include "harness/record/stream_reader.h"
#include "harness/verdict/metrics.h"
#include "harness/verdict/summarise.h"

namespace walsoak::review {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

// Those of run.json: a run that was cut off may have no other file that is whole.
verdict::CellIdentity identity_of(const ordered_json& cell) {
  verdict::CellIdentity identity;
  identity.cell = cell.at("cell").get<std::string>();
  identity.settings = cell.at("settings");
  identity.differs = cell.at("differs");
  identity.control_of = cell.at("control_of");
  identity.state = cell.at("state").get<std::string>();
  identity.point = cell.value("point", std::string{});
  identity.repeat = cell.value("repeat", std::int64_t{0});
  // Nobody follows it any more.
  if (identity.state == "running") identity.state = "interrupted";
  return identity;
}

verdict::CellFacts facts_of(const fs::path& stream) {
  verdict::CellFacts facts;
  if (fs::exists(stream) && fs::file_size(stream) > 0) {
    record::read_stream(stream, [&](const ordered_json& line) { facts.accept(line); });
  }
  return facts;
}

void require_recorded(const verdict::Expectation& expectation, const verdict::Metrics& metrics,
                      const std::string& cell) {
  for (const verdict::Threshold& threshold : expectation.thresholds) {
    for (const std::string& name : {threshold.metric, threshold.condition.other()}) {
      if (name.empty() || metrics.contains(name)) continue;
      throw NotRecorded(
          fmt::format("threshold {}: cell {} has no metric {}; walsoak list metrics says which there are",
                      threshold.text(), cell, name));
    }
  }
}

verdict::RunIdentity run_of(const ordered_json& summary) {
  verdict::RunIdentity run;
  run.walsoak = summary.at("walsoak").get<std::string>();
  run.run = summary.at("run").get<std::string>();
  run.title = summary.value("title", std::string{});
  run.question = summary.value("question", std::string{});
  run.state = summary.at("state").get<std::string>();
  run.command = summary.at("command").get<std::vector<std::string>>();
  run.environment = summary.at("environment");
  run.axes = summary.value("axes", std::vector<std::string>{});
  run.jobs = summary.value("jobs", std::int64_t{1});
  run.repeats = summary.value("repeats", ordered_json());
  return run;
}

}  // namespace

ordered_json judge_again(const fs::path& folder, const scenario::Judgements* judgements) {
  const ordered_json run = record::read_run(folder);
  std::vector<verdict::CellSummary> cells;
  for (const ordered_json& cell : run.at("cells")) {
    const verdict::CellIdentity identity = identity_of(cell);
    ordered_json expected = cell.at("expected");
    if (judgements != nullptr) expected = judgements->of(identity.settings, std::move(expected));
    const auto expectation = verdict::Expectation::from_json(expected);
    if (identity.state == "pending") {
      cells.push_back(verdict::not_run(identity, expectation));
      continue;
    }
    const verdict::CellFacts facts = facts_of(folder / "cells" / (identity.cell + ".jsonl"));
    require_recorded(expectation, verdict::metrics_of(facts), identity.cell);
    cells.push_back(verdict::conclude(identity, facts, expectation));
  }
  return verdict::summarise(run_of(record::read_summary(folder)), std::move(cells));
}

}  // namespace walsoak::review
