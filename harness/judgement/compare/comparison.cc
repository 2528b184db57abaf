#include "harness/judgement/compare/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/shared/json_text.h"
#include "harness/judgement/compare/comparison_cells.h"
#include "harness/judgement/compare/comparison_value.h"

namespace walsoak::judgement {
namespace {

using nlohmann::ordered_json;

// Above it an error line is no line any more.
constexpr std::size_t kMostDifferences = 8;

std::vector<std::string> words_of(const ComparisonPoint& point, const char* key) {
  std::vector<std::string> words;
  for (const ordered_json* cell : point.repeats) words.push_back(text_of(*cell, key));
  return words;
}

// A number beyond 64 bits is none that walsoak wrote: not known.
Count count_of(const ordered_json& value) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  return value.is_number_integer() ? Count(value.get<std::int64_t>()) : std::nullopt;
}

const ordered_json& numbers_of(const ordered_json& cell) {
  static const ordered_json kNone = ordered_json::object();
  const auto found = cell.find("metrics");
  return found != cell.end() && found->is_object() ? *found : kNone;
}

bool has_metric(const ComparisonPoint& point, const std::string& name) {
  return std::any_of(point.repeats.begin(), point.repeats.end(),
                     [&](const ordered_json* cell) { return numbers_of(*cell).contains(name); });
}

std::vector<Count> counts_of(const ComparisonPoint& point, const std::string& name) {
  std::vector<Count> counts;
  for (const ordered_json* cell : point.repeats) {
    counts.push_back(count_of(numbers_of(*cell).value(name, ordered_json())));
  }
  return counts;
}

// Why the numbers of two cells are not compared: one has not run to its end. "" where both have.
std::string cut_short(const ComparisonPoint& point, const std::string& label) {
  for (const ordered_json* cell : point.repeats) {
    const std::string name = cell->at("cell").get<std::string>();
    const std::string state = text_of(*cell, "state");
    if (state != "done") return fmt::format("{} of {} is {}", name, label, state);
    if (!cell->value("aborted", ordered_json()).is_null()) {
      return fmt::format("a threshold ended {} of {} early", name, label);
    }
  }
  return "";
}

bool in_lockstep(const ComparisonPoint& point) {
  return point.settings().value("mode", std::string("lockstep")) == "lockstep";
}

std::vector<std::string> names_of(const ComparisonPoint& point) {
  std::vector<std::string> names;
  for (const ordered_json* cell : point.repeats) names.push_back(cell->at("cell").get<std::string>());
  return names;
}

ordered_json compare_metrics(const ComparisonPoint& baseline, const ComparisonPoint& other,
                             const ComparedSides& sides, const ComparisonOptions& options) {
  ordered_json rows = ordered_json::array();
  for (const MetricInfo& metric : metrics_table()) {
    const std::string& name = metric.name;
    const bool asked =
        std::find(options.metrics.begin(), options.metrics.end(), name) != options.metrics.end();
    if (metric.better == Direction::none || (!asked && !options.metrics.empty())) continue;
    // What neither cell has is no metric of theirs.
    if (!asked && !has_metric(baseline, name) && !has_metric(other, name)) continue;
    rows.push_back(compare_metric(metric, counts_of(baseline, name), counts_of(other, name), sides, asked));
  }
  return rows;
}

ordered_json compare_points(const ComparisonPoint& baseline, const ComparisonPoint& other,
                            ComparedSides sides, const ComparisonOptions& options) {
  sides.lockstep = in_lockstep(baseline) && in_lockstep(other);
  std::string why = cut_short(baseline, sides.baseline);
  if (why.empty()) why = cut_short(other, sides.other);
  return {{"baseline", names_of(baseline)},
          {"other", names_of(other)},
          {"differs", baseline.differs()},
          {"finding", compare_findings(words_of(baseline, "finding"), words_of(other, "finding"), sides)},
          {"verdict", compare_verdicts(words_of(baseline, "verdict"), words_of(other, "verdict"), sides)},
          {"metrics", why.empty() ? compare_metrics(baseline, other, sides, options) : ordered_json::array()},
          {"not_compared", why.empty() ? ordered_json() : ordered_json(why)}};
}

ordered_json compare_pairs(const PairedPoints& paired, const ComparedSides& sides,
                           const ComparisonOptions& options) {
  ordered_json pairs = ordered_json::array();
  for (const auto& [baseline, other] : paired.pairs) {
    pairs.push_back(compare_points(baseline, other, sides, options));
  }
  return pairs;
}

// What was found of all things, and the exit code: unknown before worse, as in the table of all commands.
void count_up(ordered_json& result) {
  int better = 0, worse = 0, same = 0, open = 0, not_asked = 0;
  const auto add = [&](const ordered_json& row, bool gates) {
    const std::string outcome = row.at("result").get<std::string>();
    if (outcome == kBetter) ++better;
    if (outcome == kWorse) ++worse;
    if (outcome == kSame) ++same;
    if (outcome == kCannotTell) ++(gates ? open : not_asked);
  };
  for (const ordered_json& comparison : result.at("comparisons")) {
    for (const ordered_json& pair : comparison.at("pairs")) {
      add(pair.at("finding"), true);
      add(pair.at("verdict"), true);
      if (!pair.at("not_compared").is_null()) ++open;
      for (const ordered_json& row : pair.at("metrics")) add(row, row.at("gates").get<bool>());
    }
  }
  result["better"] = better;
  result["worse"] = worse;
  result["same"] = same;
  result["cannot_tell"] = open;
  result["not_gated"] = not_asked;
  result["result"] = open > 0 ? kCannotTell : worse > 0 ? kWorse : better > 0 ? kBetter : kSame;
  result["exit_code"] = open > 0 ? 2 : worse > 0 ? 1 : 0;
}

ordered_json operand_json(const std::string& label, const ComparedRun& run) {
  const ordered_json environment = run.summary.value("environment", ordered_json::object());
  return {{"label", label},
          {"run", run.summary.at("run")},
          {"walsoak", run.summary.at("walsoak")},
          {"commit", environment.value("commit", ordered_json())},
          {"state", run.summary.at("state")}};
}

ordered_json result_of(const ComparisonOptions& options) {
  return {{"schema_version", 1},
          {"by", nullptr},
          {"tolerance", options.tolerance},
          {"confidence", 1 - kComparisonLevel},
          {"runs", ordered_json::array()},
          {"comparisons", ordered_json::array()}};
}

void require_scenarios(const ComparedRun& run) {
  if (run.run.value("kind", std::string{}) == "watch") {
    throw Incomparable(fmt::format("{} is of a watched process; compare takes runs of scenarios",
                                   run.summary.at("run").get<std::string>()));
  }
}

std::string side_by_side(const ComparedRun& run, const std::string& label) {
  return run.summary.value("jobs", std::int64_t{1}) > 1
             ? fmt::format("cells of {} ran side by side, which disturbs times", label)
             : "";
}

std::string listed_differences(std::vector<std::string> texts) {
  if (texts.size() > kMostDifferences) {
    const std::size_t more = texts.size() - kMostDifferences;
    texts.resize(kMostDifferences);
    texts.push_back(fmt::format("{} more", more));
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

ordered_json compare_two(const ComparedRun& baseline, const ComparedRun& other, const std::string& label,
                         const ComparisonOptions& options) {
  const PairedPoints paired =
      pair_runs(comparison_points(baseline.summary), comparison_points(other.summary));
  const std::vector<std::string> experiment = experiment_differences(baseline.run, other.run, paired);
  if (!experiment.empty() && !options.allow_different) {
    throw Incomparable(
        fmt::format("A and {} are different scenarios: {}; --allow-different compares what pairs", label,
                    listed_differences(experiment)));
  }
  if (paired.pairs.empty()) {
    throw Incomparable(
        fmt::format("no cell of A has the settings of one of {}: {}", label, listed_differences(experiment)));
  }
  const std::vector<std::string> machine = machine_differences(baseline.summary, other.summary);
  ComparedSides sides{"A", label, true, options.tolerance, {}};
  if (!machine.empty())
    sides.untimed = fmt::format("the machines or builds differ: {}", listed_differences(machine));
  if (sides.untimed.empty()) sides.untimed = side_by_side(baseline, "A");
  if (sides.untimed.empty()) sides.untimed = side_by_side(other, label);
  return {{"baseline", "A"},
          {"other", label},
          {"values", nullptr},
          {"experiment_differs", experiment},
          {"machine_differs", machine},
          {"settings_unknown_to_one", paired.settings_unknown_to_one},
          {"only_baseline", paired.only_baseline},
          {"only_other", paired.only_other},
          {"pairs", compare_pairs(paired, sides, options)}};
}

// The values of a setting that differs, in the order of the cells.
std::vector<ordered_json> values_along(const std::vector<ComparisonPoint>& points, const std::string& axis) {
  std::vector<ordered_json> values;
  std::vector<std::string> axes;
  for (const ComparisonPoint& point : points) {
    for (const auto& [name, value] : point.differs().items()) {
      if (std::find(axes.begin(), axes.end(), name) == axes.end()) axes.push_back(name);
      if (name == axis && std::find(values.begin(), values.end(), value) == values.end())
        values.push_back(value);
    }
  }
  if (values.size() < 2) {
    throw Incomparable(fmt::format("the cells do not differ in {}; they differ in: {}", axis,
                                   axes.empty() ? "nothing" : fmt::format("{}", fmt::join(axes, ", "))));
  }
  return values;
}

void put_baseline_first(std::vector<ordered_json>& values, const std::string& axis, const std::string& text) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const ordered_json& value) { return setting_text(value) == text; });
  if (found == values.end()) {
    std::vector<std::string> valid;
    for (const ordered_json& value : values) valid.push_back(setting_text(value));
    throw Incomparable(fmt::format("no cell has {} {}; valid: {}", axis, text, fmt::join(valid, ", ")));
  }
  std::rotate(values.begin(), found, found + 1);
}

}  // namespace

ordered_json compare_runs(const std::vector<ComparedRun>& runs, const ComparisonOptions& options) {
  ordered_json result = result_of(options);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    require_scenarios(runs[i]);
    const std::string label(1, static_cast<char>('A' + i));
    result["runs"].push_back(operand_json(label, runs[i]));
    if (i > 0) result["comparisons"].push_back(compare_two(runs.front(), runs[i], label, options));
  }
  count_up(result);
  return result;
}

ordered_json compare_along(const ComparedRun& run, const std::string& axis,
                           const std::optional<std::string>& baseline, const ComparisonOptions& options) {
  require_scenarios(run);
  const std::vector<ComparisonPoint> points = comparison_points(run.summary);
  std::vector<ordered_json> values = values_along(points, axis);
  if (baseline) put_baseline_first(values, axis, *baseline);
  ordered_json result = result_of(options);
  result["by"] = axis;
  result["runs"].push_back(operand_json("A", run));
  for (std::size_t i = 1; i < values.size(); ++i) {
    const PairedPoints paired = pair_along(points, axis, values.front(), values[i]);
    const ComparedSides sides{setting_text(values.front()), setting_text(values[i]), true, options.tolerance,
                              side_by_side(run, "the run")};
    result["comparisons"].push_back({{"baseline", sides.baseline},
                                     {"other", sides.other},
                                     {"values", {values.front(), values[i]}},
                                     {"experiment_differs", ordered_json::array()},
                                     {"machine_differs", ordered_json::array()},
                                     {"settings_unknown_to_one", ordered_json::array()},
                                     {"only_baseline", paired.only_baseline},
                                     {"only_other", paired.only_other},
                                     {"pairs", compare_pairs(paired, sides, options)}});
  }
  const auto& comparisons = result.at("comparisons");
  if (std::all_of(comparisons.begin(), comparisons.end(),
                  [](const auto& one) { return one.at("pairs").empty(); })) {
    throw Incomparable(fmt::format("no two cells differ in {} alone", axis));
  }
  count_up(result);
  return result;
}

}  // namespace walsoak::judgement
