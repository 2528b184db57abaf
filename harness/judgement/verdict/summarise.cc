#include "harness/judgement/verdict/summarise.h"

#include <utility>

#include "harness/base/shared/json_text.h"
#include "harness/judgement/finding/finding.h"
#include "harness/judgement/finding/metrics.h"
#include "harness/judgement/mechanism/mechanisms.h"
#include "harness/judgement/verdict/threshold.h"

namespace walsoak::judgement {
namespace {

using nlohmann::ordered_json;

ordered_json metrics_json(const Metrics& metrics) {
  ordered_json result = ordered_json::object();
  for (const auto& [name, value] : metrics) result[name] = json_of(value);
  return result;
}

ordered_json mechanisms_with(const std::vector<Mechanism>& mechanisms, Presence presence) {
  ordered_json result = ordered_json::array();
  for (const Mechanism& mechanism : mechanisms) {
    if (mechanism.presence == presence) {
      result.push_back({{"name", mechanism.name}, {"evidence", mechanism.evidence}});
    }
  }
  return result;
}

// {"subject":"3.40.1","checker":"3.40.1"} of the roles that said hello before the header was written.
ordered_json sqlite_versions(const ordered_json& roles) {
  ordered_json result = ordered_json::object();
  for (const auto& [role, said] : roles.items()) {
    if (said.is_object()) result[role] = said.value("version", ordered_json());
  }
  return result;
}

ordered_json ledgers_json(const facts::LedgerAudit& audit) {
  const Count parted = audit.parted();
  bool any = false;
  for (std::size_t i = 0; i < facts::kEquations; ++i)
    any = any || audit.of(static_cast<facts::Equation>(i)).parted > 0;
  return {{"agree", any      ? ordered_json(false)
                    : parted ? ordered_json(true)
                             : ordered_json()},
          {"remarks", audit.remarks()}};
}

ordered_json thresholds_json(const Expectation& expectation, const Metrics& metrics,
                             const std::string& interrupted) {
  ordered_json result = ordered_json::array();
  for (const ThresholdVerdict& verdict : judge_thresholds(expectation.thresholds, metrics, interrupted)) {
    result.push_back(verdict.to_json());
  }
  return result;
}

// What was seen so far, in a cell that has begun and not ended; null in any other.
ordered_json so_far(const CellIdentity& identity, const facts::CellFacts& facts) {
  if (identity.state != "running" && identity.state != "interrupted") return nullptr;
  return find_so_far(facts).name;
}

CellSummary summary_of(const CellIdentity& identity, const facts::CellFacts& facts,
                       const Expectation& expectation, const std::string& interrupted) {
  Finding finding;
  if (interrupted.empty()) {
    finding = find(facts);
  } else {
    finding.evidence.push_back(interrupted);
  }
  const std::vector<Mechanism> mechanisms = mechanisms_of(facts);
  const Metrics metrics = metrics_of(facts);
  Verdict verdict = judge(expectation, finding, mechanisms, metrics, interrupted, facts.deaths().text());

  CellSummary cell;
  const std::string integrity = facts.data().integrity();
  cell.json = {{"cell", identity.cell},
               {"settings", identity.settings},
               {"differs", identity.differs},
               {"state", identity.state},
               {"control_of", identity.control_of},
               {"sqlite", sqlite_versions(facts.roles())},
               {"finding", finding.name},
               {"also", finding.also},
               {"so_far", so_far(identity, facts)},
               {"evidence", finding.evidence},
               {"mechanisms", mechanisms_with(mechanisms, Presence::yes)},
               {"mechanisms_unknown", mechanisms_with(mechanisms, Presence::unknown)},
               {"ledgers", ledgers_json(facts.ledgers())},
               {"integrity", integrity.empty() ? ordered_json() : ordered_json(integrity)},
               {"verdict", verdict.verdict},
               {"reasons", verdict.reasons},
               {"expected", expectation.to_json()},
               {"thresholds", thresholds_json(expectation, metrics, interrupted)},
               {"aborted", facts.aborted().empty() ? ordered_json() : ordered_json(facts.aborted())},
               {"elapsed_us", facts.elapsed_us() ? ordered_json(*facts.elapsed_us()) : ordered_json()},
               {"errors", facts.steps().errors().to_json()},
               {"deaths", facts.deaths().to_json()},
               {"metrics", metrics_json(metrics)}};
  note_repeat(identity, cell.json);
  if (facts.watched()) cell.json["watched"] = facts.watched_facts().to_json();
  cell.verdict = {identity.cell, !identity.control_of.is_null(), std::move(verdict)};
  cell.outcome = {
      identity.cell, identity.settings, finding.name, {finding.also.begin(), finding.also.end()}, {}};
  if (finding.name != kUnknown) cell.outcome.findings.insert(finding.name);
  for (const Mechanism& mechanism : mechanisms) {
    cell.outcome.mechanisms[mechanism.name] = interrupted.empty() ? mechanism.presence : Presence::unknown;
  }
  return cell;
}

}  // namespace

void note_repeat(const CellIdentity& identity, ordered_json& cell) {
  if (identity.repeat == 0) return;
  cell["point"] = identity.point;
  cell["repeat"] = identity.repeat;
}

CellSummary conclude(const CellIdentity& identity, const facts::CellFacts& facts,
                     const Expectation& expectation) {
  std::string interrupted = identity.state == "running" ? std::string() : facts.interrupted();
  if (interrupted.empty() && identity.state != "done") interrupted = "the cell is " + identity.state;
  return summary_of(identity, facts, expectation, interrupted);
}

CellSummary not_run(const CellIdentity& identity, const Expectation& expectation) {
  return summary_of(identity, facts::CellFacts(), expectation, "the cell has not been run");
}

ordered_json summarise(const RunIdentity& run, std::vector<CellSummary> cells) {
  std::vector<CellVerdict> verdicts;
  std::vector<CellOutcome> outcomes;
  for (const CellSummary& cell : cells) {
    verdicts.push_back(cell.verdict);
    outcomes.push_back(cell.outcome);
    outcomes.back().cell = cell.json.value("point", cell.outcome.cell);
  }
  const std::string no_control = apply_controls(verdicts);

  ordered_json summary{{"walsoak", run.walsoak},
                       {"run", run.run},
                       {"title", run.title},
                       {"question", run.question},
                       {"state", run.state},
                       {"verdict", run_verdict(verdicts)},
                       {"exit_code", exit_code(verdicts)},
                       {"command", run.command},
                       {"jobs", run.jobs},
                       {"environment", run.environment},
                       {"axes", run.axes},
                       {"conditions", conditions_of(points_of(outcomes))},
                       {"cells", ordered_json::array()}};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i].json["verdict"] = verdicts[i].verdict.verdict;
    cells[i].json["reasons"] = verdicts[i].verdict.reasons;
    if (!no_control.empty() && !is_failed_control(verdicts[i])) {
      for (ordered_json& threshold : cells[i].json["thresholds"]) {
        threshold["verdict"] = kUnknown;
        threshold["reason"] = no_control;
      }
    }
    summary["cells"].push_back(std::move(cells[i].json));
  }
  if (!run.repeats.is_null()) summary["repeats"] = run.repeats;
  return summary;
}

}  // namespace walsoak::judgement
