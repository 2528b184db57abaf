#include "harness/model/scenario/metric_expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "harness/base/shared/nearest.h"
#include "harness/model/scenario/shape.h"

namespace walsoak::scenario {
namespace {

using nlohmann::ordered_json;

// Those of two characters first, so that "<=" is not read as "<".
constexpr std::pair<std::string_view, Compare> kOperators[] = {
    {"==", Compare::equal},    {"!=", Compare::not_equal}, {"<=", Compare::at_most},
    {">=", Compare::at_least}, {"<", Compare::less},       {">", Compare::greater},
};

std::string_view without_blanks_in_front(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void require_metric_name(std::string_view name, const Place& place, const Vocabulary& vocabulary) {
  if (!is_identifier(name)) {
    place.fail(shown(std::string(name)) + " is no metric's name",
               "valid: a lower-case letter, then lower-case letters, digits and _");
  }
  if (vocabulary.metrics.empty()) return;
  std::vector<std::string> names = vocabulary.metrics;
  names.insert(names.end(), vocabulary.free_running_metrics.begin(), vocabulary.free_running_metrics.end());
  require_name(std::string(name), place, "metric", views(names), "walsoak list metrics");
}

MetricExpectation read_metric(const std::string& metric, const ordered_json& value, const Place& place,
                              const Vocabulary& vocabulary) {
  require_metric_name(metric, place, vocabulary);
  MetricExpectation read{metric, Compare::equal, 0, {}, value};
  if (value.is_number()) {
    read.value = value.get<double>();
    return read;
  }
  const auto refuse = [&] {
    place.fail(shown(value) + " is no expectation of a metric",
               "valid: a number, or ==, !=, <, <=, > or >= and then a number or another metric's name");
  };
  if (!value.is_string()) refuse();
  std::string_view text = value.get_ref<const std::string&>();
  const auto found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                  [text](const auto& known) { return text.starts_with(known.first); });
  if (found == std::end(kOperators)) refuse();
  read.compare = found->second;
  text = without_blanks_in_front(text.substr(found->first.size()));
  if (is_identifier(text)) {
    require_metric_name(text, place, vocabulary);
    read.other_metric = text;
    return read;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read.value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(read.value)) refuse();
  return read;
}

MetricExpectation read_comparison(const ordered_json& value, const Place& place,
                                  const Vocabulary& vocabulary) {
  const std::string_view text = without_blanks_in_front(require_string(value, place));
  const std::size_t end = text.find_first_of(" =!<>");
  const std::string metric(text.substr(0, end));
  if (end == std::string_view::npos || metric.empty()) {
    place.fail(shown(value) + " is no comparison",
               "valid: a metric, an operator and a number, as \"lost_commits == 0\"");
  }
  return read_metric(metric, std::string(without_blanks_in_front(text.substr(end))), place, vocabulary);
}

std::string to_text(const MetricExpectation& expectation) {
  const bool number = expectation.written.is_number();
  return fmt::format("{} {}{}", expectation.metric, number ? "== " : "",
                     number ? expectation.written.dump() : expectation.written.get<std::string>());
}

void require_metric_of_mode(const MetricExpectation& expectation, bool free_running, const Place& place,
                            const Vocabulary& vocabulary) {
  if (free_running) return;
  for (const std::string& name : {expectation.metric, expectation.other_metric}) {
    if (contains(vocabulary.metrics, name) || !contains(vocabulary.free_running_metrics, name)) continue;
    place.fail(fmt::format("{} is a metric of free-running cells", name),
               "valid: mode free, or another metric");
  }
}

}  // namespace walsoak::scenario
