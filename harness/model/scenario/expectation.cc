#include "harness/model/scenario/expectation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "harness/model/scenario/shape.h"
#include "harness/model/vocabulary/vocabulary.h"

namespace walsoak::scenario {
namespace {

using nlohmann::ordered_json;

std::vector<std::string> read_mechanisms(const ordered_json& list, const Place& place) {
  require_array(list, place);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    names.push_back(require_name(list[i], place.at(i), "mechanism", mechanism_names()));
  }
  return names;
}

std::vector<std::string> read_findings(const ordered_json& value, const Place& place) {
  if (value == "any") return {};
  if (!value.is_array()) {
    std::vector<std::string_view> names(finding_names().begin(), finding_names().end());
    names.push_back("any");
    return {require_name(value, place, "finding", names)};
  }
  if (value.empty()) place.fail("has no findings", "valid: a list of one finding or more, or \"any\"");
  std::vector<std::string> findings;
  for (std::size_t i = 0; i < value.size(); ++i) {
    findings.push_back(require_name(value[i], place.at(i), "finding", finding_names()));
  }
  return findings;
}

// An entry as it could have been written: with the finding that was written, where it is one.
std::string example_with(const ordered_json& written) {
  const std::span<const std::string_view> names = finding_names();
  const bool finding = written.is_string() && std::find(names.begin(), names.end(),
                                                        written.get_ref<const std::string&>()) != names.end();
  return fmt::format(R"({{"when": {{}}, "finding": {}}})", finding ? written.dump() : "\"clean\"");
}

ExpectationEntry read_entry(const ordered_json& entry, const Place& place, const Vocabulary& vocabulary) {
  constexpr std::array<std::string_view, 5> kKeys = {"when", "finding", "mechanisms", "not_mechanisms",
                                                     "metrics"};
  if (!entry.is_object()) {
    place.fail(shown(entry) + " is no expectation", "valid: an object such as " + example_with(entry));
  }
  require_keys(entry, place, kKeys);
  ExpectationEntry read{{}, place.at("when"), {}};
  const ordered_json& when =
      require_member(entry, place, "when", "valid: an object of settings, {} for every cell");
  // The layer counts for values that are laid on cells; these are only compared.
  read.when = read_assignments(when, read.when_place, Layer::settings, vocabulary);
  const ordered_json& finding =
      require_member(entry, place, "finding", "valid: a finding, a list of them or \"any\"");
  read.expectation.findings = read_findings(finding, place.at("finding"));
  if (const auto found = entry.find("mechanisms"); found != entry.end()) {
    read.expectation.mechanisms = read_mechanisms(*found, place.at("mechanisms"));
  }
  if (const auto found = entry.find("not_mechanisms"); found != entry.end()) {
    read.expectation.not_mechanisms = read_mechanisms(*found, place.at("not_mechanisms"));
  }
  if (const auto found = entry.find("metrics"); found != entry.end()) {
    require_object(*found, place.at("metrics"));
    for (const auto& [metric, value] : found->items()) {
      read.expectation.metrics.push_back(
          read_metric(metric, value, place.at("metrics").at(metric), vocabulary));
    }
  }
  return read;
}

}  // namespace

std::vector<ExpectationEntry> read_expectations(const ordered_json& expect, const Place& place,
                                                const Vocabulary& vocabulary) {
  if (expect == "any") return {};
  if (!expect.is_array()) {
    place.fail(shown(expect) + " is no expectation",
               fmt::format("valid: \"any\", or a list such as [{}]", example_with(expect)));
  }
  std::vector<ExpectationEntry> entries;
  for (std::size_t i = 0; i < expect.size(); ++i)
    entries.push_back(read_entry(expect[i], place.at(i), vocabulary));
  return entries;
}

Expectation default_expectation() {
  return {{"clean", "churn"}, {}, {}, {}, {}};
}

ordered_json to_json(const Expectation& expectation) {
  ordered_json json = ordered_json::object();
  if (expectation.findings.empty()) {
    json["finding"] = "any";
  } else if (expectation.findings.size() == 1) {
    json["finding"] = expectation.findings.front();
  } else {
    json["finding"] = expectation.findings;
  }
  if (!expectation.mechanisms.empty()) json["mechanisms"] = expectation.mechanisms;
  if (!expectation.not_mechanisms.empty()) json["not_mechanisms"] = expectation.not_mechanisms;
  json["metrics"] = ordered_json::object();
  for (const MetricExpectation& metric : expectation.metrics) json["metrics"][metric.metric] = metric.written;
  for (const Threshold& threshold : expectation.thresholds) json["thresholds"].push_back(to_json(threshold));
  return json;
}

std::string to_text(const Expectation& expectation) {
  std::string text =
      expectation.findings.empty() ? "any" : fmt::format("{}", fmt::join(expectation.findings, " or "));
  for (const std::string& name : expectation.mechanisms) text += "; with " + name;
  for (const std::string& name : expectation.not_mechanisms) text += "; without " + name;
  for (const MetricExpectation& metric : expectation.metrics) text += "; " + to_text(metric);
  for (const Threshold& threshold : expectation.thresholds)
    text += "; threshold " + to_text(threshold.metric);
  return text;
}

}  // namespace walsoak::scenario
