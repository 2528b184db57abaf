#include "harness/judgement/review/stored_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/evidence/record/run_files.h"
#include "harness/evidence/record/stream_reader.h"
#include "harness/judgement/finding/metrics.h"
#include "harness/judgement/verdict/summarise.h"

namespace walsoak::review {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

// Those of run.json: a run that was cut off may have no other file that is whole.
judgement::CellIdentity identity_of(const ordered_json& cell) {
  judgement::CellIdentity identity;
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

facts::CellFacts facts_of(const fs::path& stream) {
  facts::CellFacts facts;
  if (fs::exists(stream) && fs::file_size(stream) > 0) {
    const auto end = record::read_stream(stream, [&](const ordered_json& line) { facts.accept(line); });
    if (end.cut_off) facts.note_cut(end.lines + 1, end.bytes);
  }
  return facts;
}

void require_recorded(const Expectation& expectation, const Metrics& metrics, const std::string& cell) {
  for (const Threshold& threshold : expectation.thresholds) {
    for (const std::string& name : {threshold.metric, threshold.condition.other()}) {
      if (name.empty() || metrics.contains(name)) continue;
      throw NotRecorded(
          fmt::format("threshold {}: cell {} has no metric {}; walsoak list metrics says which there are",
                      threshold.text(), cell, name));
    }
  }
}

judgement::RunIdentity run_of(const ordered_json& run) {
  judgement::RunIdentity identity;
  identity.walsoak = run.at("walsoak").get<std::string>();
  identity.run = run.at("run").get<std::string>();
  identity.title = identity.run;
  identity.state = run.at("state").get<std::string>();
  identity.command = run.at("command").get<std::vector<std::string>>();
  identity.environment = run.at("environment");
  identity.jobs = run.value("jobs", std::int64_t{1});
  identity.repeats = run.value("repeats", ordered_json());
  if (const auto& scenarios = run.at("scenarios"); !scenarios.empty()) {
    const ordered_json& content = scenarios.front().at("content");
    identity.title = content.value("title", content.value("name", identity.run));
    identity.question = content.value("question", std::string{});
  }
  for (const ordered_json& cell : run.at("cells")) {
    for (const auto& [name, value] : cell.at("differs").items()) {
      if (std::find(identity.axes.begin(), identity.axes.end(), name) == identity.axes.end())
        identity.axes.push_back(name);
    }
  }
  return identity;
}

// What run.json does not have; that of a run that was watched has no scenario to take it from.
void take_titles(const ordered_json& summary, judgement::RunIdentity& identity) {
  identity.title = summary.value("title", identity.title);
  identity.question = summary.value("question", identity.question);
  identity.axes = summary.value("axes", identity.axes);
}

// The judgements of a run's cells, and how many of those they change.
class Bench {
 public:
  Bench(const scenario::Judgements* judgements, const ordered_json& run)
      : judgements_(judgements), scenarios_(run.at("scenarios")) {
    if (judgements_ != nullptr) of_ = judgements_->scenario_among(scenarios_);
  }

  ordered_json expected_of(const ordered_json& cell) {
    const ordered_json& stored = cell.at("expected");
    ++cells_;
    if (judgements_ == nullptr || !is_meant(cell)) return stored;
    if (judgements_->speak_of(cell.at("settings"))) ++judged_;
    ordered_json expected = judgements_->of(cell.at("settings"), stored);
    if (nlohmann::json(expected) != nlohmann::json(stored)) ++changed_;
    return expected;
  }

  // Throws std::runtime_error where nothing was judged by them.
  void note(std::vector<std::string>& remarks) const {
    if (judgements_ == nullptr) return;
    if (judged_ == 0) {
      throw std::runtime_error(fmt::format("{}: says nothing of any cell of this run: no `when` matches one",
                                           judgements_->path()));
    }
    if (changed_ > 0) {
      remarks.push_back(fmt::format("{} of {} cells are judged by {}, not by what the run was made with",
                                    changed_, cells_, judgements_->path()));
    }
  }

 private:
  // In a run of several scenarios a cell's name begins with its scenario's.
  bool is_meant(const ordered_json& cell) const {
    if (!of_ || scenarios_.size() < 2) return true;
    const ordered_json& scenario = scenarios_[*of_];
    const fs::path path = scenario.at("path").get<std::string>();
    const std::string name = scenario.at("content").value("name", path.stem().string());
    return cell.at("cell").get<std::string>().starts_with(name + ".");
  }

  const scenario::Judgements* judgements_;
  const ordered_json& scenarios_;
  std::optional<std::size_t> of_;
  std::size_t cells_ = 0, judged_ = 0, changed_ = 0;
};

}  // namespace

Judged judge_again(const fs::path& folder, const scenario::Judgements* judgements) {
  const ordered_json run = record::read_run(folder);
  Judged judged;
  Bench bench(judgements, run);
  std::vector<judgement::CellSummary> cells;
  for (const ordered_json& cell : run.at("cells")) {
    const judgement::CellIdentity identity = identity_of(cell);
    const auto expectation = Expectation::from_json(bench.expected_of(cell));
    if (identity.state == "pending") {
      cells.push_back(judgement::not_run(identity, expectation));
      continue;
    }
    const facts::CellFacts facts = facts_of(folder / "cells" / (identity.cell + ".jsonl"));
    require_recorded(expectation, judgement::metrics_of(facts), identity.cell);
    cells.push_back(judgement::conclude(identity, facts, expectation));
  }
  bench.note(judged.remarks);
  judgement::RunIdentity identity = run_of(run);
  try {
    take_titles(record::read_summary(folder), identity);
  } catch (const std::exception& error) {
    judged.remarks.push_back(
        fmt::format("{} (this judgement needs run.json and the streams alone)", error.what()));
  }
  judged.summary = record::summary_document(judgement::summarise(identity, std::move(cells)));
  return judged;
}

}  // namespace walsoak::review
