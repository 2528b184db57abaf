#include "harness/judgement/verdict/verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/evidence/facts/deaths.h"
#include "harness/judgement/verdict/threshold.h"

namespace walsoak::judgement {
namespace {

// Reasons of both kinds, gathered apart: one that fails outweighs any that is unknown.
struct Reasons {
  std::vector<std::string> failed, unknown;

  void add(Presence fulfilled, std::string reason) {
    if (fulfilled == Presence::no) failed.push_back(std::move(reason));
    if (fulfilled == Presence::unknown) unknown.push_back(std::move(reason));
  }
};

void judge_finding(const Expectation& expectation, const Finding& finding, Reasons& reasons) {
  const auto& expected = expectation.findings;
  if (expected.empty() || std::find(expected.begin(), expected.end(), finding.name) != expected.end()) return;
  const std::string why = finding.evidence.empty() ? "" : " (" + finding.evidence.front() + ")";
  reasons.add(finding.name == kUnknown ? Presence::unknown : Presence::no,
              fmt::format("expected finding {}, seen {}{}", fmt::join(expected, " or "), finding.name, why));
}

void judge_mechanism(const std::string& name, bool wanted, const std::vector<Mechanism>& seen,
                     Reasons& reasons) {
  const auto found =
      std::find_if(seen.begin(), seen.end(), [&](const Mechanism& m) { return m.name == name; });
  const std::string expected = fmt::format("expected mechanism {}{}", wanted ? "" : "not ", name);
  if (found == seen.end()) {
    reasons.add(Presence::unknown, expected + ", which is not looked for");
  } else if (found->presence == Presence::unknown) {
    reasons.add(Presence::unknown, fmt::format("{}, which is unknown: {}", expected, found->evidence));
  } else if ((found->presence == Presence::yes) != wanted) {
    reasons.add(Presence::no,
                wanted ? expected + ", not seen" : fmt::format("{}, seen: {}", expected, found->evidence));
  }
}

void judge_metric(const std::string& name, const MetricCondition& condition, const Metrics& metrics,
                  Reasons& reasons) {
  const std::string expected = fmt::format("expected {} {}", name, condition.text());
  const auto found = metrics.find(name);
  if (found == metrics.end()) return reasons.add(Presence::unknown, expected + ": no such metric");
  if (!found->second) return reasons.add(Presence::unknown, expected + ": it is not known");
  const std::string other = condition.other();
  const auto compared = metrics.find(other);
  if (!other.empty() && compared == metrics.end()) {
    return reasons.add(Presence::unknown, fmt::format("{}: no such metric: {}", expected, other));
  }
  reasons.add(condition.holds(*found->second, metrics),
              fmt::format("{}, seen {}{}", expected, *found->second,
                          other.empty() ? "" : fmt::format(" ({} {})", other, text(compared->second))));
}

bool says_how_many_may_die(const Expectation& expectation) {
  const auto& metrics = expectation.metrics;
  const auto& thresholds = expectation.thresholds;
  return std::any_of(metrics.begin(), metrics.end(),
                     [](const auto& metric) { return metric.first == facts::kUnorderedDeaths; }) ||
         std::any_of(thresholds.begin(), thresholds.end(),
                     [](const Threshold& threshold) { return threshold.metric == facts::kUnorderedDeaths; });
}

// Of a cell that did not come to its end: a count of deaths could only have risen, nothing else is known.
void judge_interrupted(const Expectation& expectation, const Metrics& metrics, Reasons& reasons) {
  const auto deaths = metrics.find(facts::kUnorderedDeaths);
  if (deaths == metrics.end() || !deaths->second) return;
  for (const auto& [name, condition] : expectation.metrics) {
    if (name == facts::kUnorderedDeaths && condition.broken_for_good(*deaths->second))
      judge_metric(name, condition, metrics, reasons);
  }
}

bool any_is(const std::vector<CellVerdict>& cells, const char* verdict) {
  return std::any_of(cells.begin(), cells.end(),
                     [verdict](const CellVerdict& c) { return c.verdict.verdict == verdict; });
}

}  // namespace

Verdict judge(const Expectation& expectation, const Finding& finding,
              const std::vector<Mechanism>& mechanisms, const Metrics& metrics,
              const std::string& interrupted, const std::string& deaths) {
  Reasons reasons;
  const bool whole = interrupted.empty();
  const bool deaths_are_judged = whole && says_how_many_may_die(expectation);
  // The death comes first: other unknowns may follow from it.
  if (!deaths.empty() && !deaths_are_judged) reasons.unknown.push_back(deaths);
  if (whole) {
    judge_finding(expectation, finding, reasons);
    for (const std::string& name : expectation.mechanisms) judge_mechanism(name, true, mechanisms, reasons);
    for (const std::string& name : expectation.not_mechanisms)
      judge_mechanism(name, false, mechanisms, reasons);
    for (const auto& [name, condition] : expectation.metrics) judge_metric(name, condition, metrics, reasons);
  } else {
    reasons.unknown.push_back(interrupted);
    judge_interrupted(expectation, metrics, reasons);
  }
  for (const ThresholdVerdict& threshold : judge_thresholds(expectation.thresholds, metrics, interrupted)) {
    if (whole || threshold.kept == Presence::no) reasons.add(threshold.kept, threshold.reason);
  }
  if (!deaths.empty() && deaths_are_judged && !reasons.failed.empty()) reasons.failed.push_back(deaths);

  Verdict verdict;
  verdict.verdict = !reasons.failed.empty() ? kFail : !reasons.unknown.empty() ? kUnknown : kPass;
  verdict.reasons = std::move(reasons.failed);
  verdict.reasons.insert(verdict.reasons.end(), reasons.unknown.begin(), reasons.unknown.end());
  return verdict;
}

bool is_failed_control(const CellVerdict& cell) {
  return cell.control && cell.verdict.verdict != kPass;
}

std::string apply_controls(std::vector<CellVerdict>& cells) {
  const auto failed = std::find_if(cells.begin(), cells.end(), is_failed_control);
  if (failed == cells.end()) return {};
  const std::string why =
      fmt::format("the control {} did not pass ({})", failed->cell, failed->verdict.verdict);
  for (CellVerdict& cell : cells) {
    if (is_failed_control(cell)) continue;
    cell.verdict.verdict = kUnknown;
    cell.verdict.reasons.insert(cell.verdict.reasons.begin(), why);
  }
  return why;
}

std::string run_verdict(const std::vector<CellVerdict>& cells) {
  if (cells.empty() || any_is(cells, kUnknown) ||
      std::any_of(cells.begin(), cells.end(), is_failed_control)) {
    return kUnknown;
  }
  return any_is(cells, kFail) ? kFail : kPass;
}

int exit_code(const std::vector<CellVerdict>& cells) {
  const std::string verdict = run_verdict(cells);
  return verdict == kUnknown ? 2 : verdict == kFail ? 1 : 0;
}

}  // namespace walsoak::judgement
