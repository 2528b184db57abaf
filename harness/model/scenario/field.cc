#include "harness/model/scenario/field.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "harness/model/scenario/metric_condition.h"
#include "harness/model/scenario/shape.h"
#include "harness/model/vocabulary/findings.h"

namespace walsoak::scenario {
namespace {

using nlohmann::ordered_json;

// What a quantity is taken from: a metric of the summary, an error's message, the finding, or the events of
// the stream before the first pass that failed. Each quantity has one of them.
constexpr std::array<std::string_view, 4> kSources = {"metric", "error", "finding", "event"};
constexpr std::array<std::string_view, 4> kArithmetic = {"minus", "per", "times", "range"};
// What stands in no summary, but in a cell's settings.
constexpr std::array<std::string_view, 3> kUnits = {"tick", "pass", "board"};

const std::string& require_text(const ordered_json& object, const Place& place, std::string_view key) {
  const Place at = place.at(key);
  const std::string& text = require_string(require_member(object, place, key, "valid: a string"), at);
  if (text.empty()) at.fail("says nothing", "valid: a string with something in it");
  return text;
}

void require_metric(const ordered_json& value, const Place& place) {
  require_metric_name(require_string(value, place), place);
}

void require_range(const ordered_json& quantity, const Place& place) {
  constexpr std::string_view kValid = "valid: [least, most], numbers in that order";
  const ordered_json& range = require_member(quantity, place, "range", kValid);
  const Place at = place.at("range");
  require_array(range, at);
  if (range.size() != 2 || !range[0].is_number() || !range[1].is_number() ||
      range[0].get<double>() > range[1].get<double>()) {
    at.fail(shown(range) + " is no range", kValid);
  }
}

bool is_unit(const ordered_json& value) {
  const auto* const text = value.get_ptr<const std::string*>();
  return text != nullptr && std::find(kUnits.begin(), kUnits.end(), *text) != kUnits.end();
}

void check_metric_quantity(const ordered_json& quantity, const Place& place) {
  require_metric(quantity.at("metric"), place.at("metric"));
  if (const auto minus = quantity.find("minus"); minus != quantity.end()) {
    require_metric(*minus, place.at("minus"));
  }
  if (const auto per = quantity.find("per"); per != quantity.end() && !is_unit(*per)) {
    require_metric(*per, place.at("per"));
  }
  if (const auto times = quantity.find("times"); times != quantity.end() && !times->is_number()) {
    place.at("times").fail(shown(*times) + " is of the wrong type", "valid: a number");
  }
}

void check_quantity(const ordered_json& quantity, const Place& place, const Vocabulary& vocabulary) {
  constexpr std::array<std::string_view, 12> kKeys = {"what",  "value", "metric", "error", "finding", "event",
                                                      "minus", "per",   "times",  "range", "why",     "of"};
  require_keys(quantity, place, kKeys);
  require_text(quantity, place, "what");
  require_text(quantity, place, "why");
  const ordered_json& value = require_member(quantity, place, "value", "valid: a number or a string");
  if (!value.is_number() && !value.is_string()) {
    place.at("value").fail(shown(value) + " is of the wrong type", "valid: a number or a string");
  }
  const auto sources = std::count_if(kSources.begin(), kSources.end(),
                                     [&](std::string_view key) { return quantity.contains(key); });
  if (sources != 1) {
    place.fail("is taken from " + std::to_string(sources) + " sources",
               "valid: one of metric, error, finding and event");
  }
  const bool counted = quantity.contains("metric") || quantity.contains("event");
  if (counted) {
    require_range(quantity, place);
  } else {
    for (const std::string_view key : kArithmetic) {
      if (quantity.contains(key)) place.at(key).fail("is for numbers", "valid: with metric or event");
    }
  }
  if (quantity.contains("metric")) {
    check_metric_quantity(quantity, place);
  } else if (quantity.contains("finding")) {
    require_name(quantity.at("finding"), place.at("finding"), "finding", finding_names());
  } else {
    require_text(quantity, place, quantity.contains("error") ? "error" : "event");
  }
  if (const auto of = quantity.find("of"); of != quantity.end()) {
    read_assignments(*of, place.at("of"), Layer::settings, vocabulary);
  }
}

}  // namespace

void check_field(const ordered_json& field, const Place& place, const Vocabulary& vocabulary) {
  constexpr std::array<std::string_view, 9> kKeys = {"thread",          "reported", "conditions",
                                                     "leaky",           "fixed",    "reported_quantities",
                                                     "second_quantity", "cure",     "tried"};
  require_keys(field, place, kKeys);
  const std::string& thread = require_text(field, place, "thread");
  if (thread.size() < 2 || thread.front() != '#' ||
      !std::all_of(thread.begin() + 1, thread.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    place.at("thread").fail(shown(thread) + " is no thread", "valid: # and its number");
  }
  for (const std::string_view key : {"reported", "conditions", "cure", "tried"}) {
    require_text(field, place, key);
  }
  const ordered_json& leaky =
      require_member(field, place, "leaky", "valid: the values that tell the cell of the report");
  read_assignments(leaky, place.at("leaky"), Layer::settings, vocabulary);
  if (const auto fixed = field.find("fixed"); fixed != field.end()) {
    read_assignments(*fixed, place.at("fixed"), Layer::settings, vocabulary);
  }
  const ordered_json& quantities =
      require_member(field, place, "reported_quantities", "valid: a list of one quantity or more");
  const Place list = place.at("reported_quantities");
  require_array(quantities, list);
  if (quantities.empty()) list.fail("has no quantities", "valid: a list of one quantity or more");
  for (std::size_t i = 0; i < quantities.size(); ++i) check_quantity(quantities[i], list.at(i), vocabulary);
  check_quantity(require_member(field, place, "second_quantity", "valid: a quantity that nobody tuned"),
                 place.at("second_quantity"), vocabulary);
}

}  // namespace walsoak::scenario
