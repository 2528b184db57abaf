#include "harness/model/scenario/expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "harness/model/scenario/metric_condition.h"
#include "harness/model/scenario/shape.h"
#include "harness/model/vocabulary/findings.h"
#include "harness/model/vocabulary/mechanisms.h"

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
      read.expectation.metrics.emplace_back(metric,
                                            read_condition(metric, value, place.at("metrics").at(metric)));
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

}  // namespace walsoak::scenario
