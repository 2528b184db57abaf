#include "harness/model/scenario/overrides.h"

#include <fmt/format.h>

#include <iterator>

#include "harness/base/escape/escape.h"
#include "harness/model/scenario/strict_json.h"

namespace walsoak::scenario {
namespace {

using nlohmann::ordered_json;

// The text as the kind of value that the setting takes. Text that is no such value stays text, so that the
// check that follows says what would be valid.
ordered_json typed(const std::string& key, const std::string& text, const Place& place) {
  if (key == "sqlite" && text.starts_with('{')) return parse_strict(text, place.source);
  const SettingInfo* setting = find_setting(key);
  if (setting != nullptr && setting->kind == SettingKind::faults && text.starts_with('[')) {
    return parse_strict(text, place.source);
  }
  if (setting != nullptr && (setting->kind == SettingKind::integer || setting->kind == SettingKind::number)) {
    ordered_json value = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (value.is_number()) return value;
  }
  return text;
}

}  // namespace

std::vector<Assignment> read_overrides(const Overrides& overrides, const Vocabulary& vocabulary) {
  std::vector<Assignment> all;
  for (const auto& [key, text] : overrides) {
    const Place place{key == "fix" ? "--fix " + text : fmt::format("--set {}={}", key, text), ""};
    if (!escape::is_utf8(key + text)) place.fail("not UTF-8", "valid: text that JSON can hold");
    auto read = read_assignment(key, typed(key, text, place), place, Layer::override_, vocabulary);
    std::move(read.begin(), read.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace walsoak::scenario
