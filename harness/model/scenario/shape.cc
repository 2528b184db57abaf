#include "harness/model/scenario/shape.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/shared/nearest.h"

namespace walsoak::scenario {
namespace {

using nlohmann::ordered_json;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

}  // namespace

std::string shown(const ordered_json& value) {
  constexpr std::size_t kLongest = 60;
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/true, ordered_json::error_handler_t::replace);
  if (text.size() > kLongest) text.replace(kLongest, std::string::npos, "...");
  return text;
}

void require_object(const ordered_json& value, const Place& place) {
  if (!value.is_object()) place.fail(shown(value) + " is of the wrong type", "valid: an object");
}

void require_array(const ordered_json& value, const Place& place) {
  if (!value.is_array()) place.fail(shown(value) + " is of the wrong type", "valid: a list");
}

const std::string& require_string(const ordered_json& value, const Place& place) {
  if (!value.is_string()) place.fail(shown(value) + " is of the wrong type", "valid: a string");
  return value.get_ref<const std::string&>();
}

void require_keys(const ordered_json& object, const Place& place, std::span<const std::string_view> keys) {
  require_object(object, place);
  for (const auto& [key, value] : object.items()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      place.at(key).fail("unknown key " + shown(key), what_is_valid(key, keys));
    }
  }
}

const ordered_json& require_member(const ordered_json& object, const Place& place, std::string_view key,
                                   std::string_view valid) {
  const auto found = object.find(std::string(key));
  if (found == object.end()) place.at(key).fail("missing", valid);
  return *found;
}

void require_schema_version(const ordered_json& document, const Place& file) {
  const ordered_json& version = require_member(document, file, "schema_version", "valid: 1");
  if (!version.is_number_integer() || version != 1) {
    file.at("schema_version").fail(shown(version) + " is no version of this format", "valid: 1");
  }
}

const std::string& require_name(const ordered_json& value, const Place& place, std::string_view kind,
                                std::span<const std::string_view> names, std::string_view all_shown_by) {
  const std::string& word = require_string(value, place);
  if (std::find(names.begin(), names.end(), word) == names.end()) {
    place.fail(fmt::format("unknown {} {}", kind, shown(value)), what_is_valid(word, names, all_shown_by));
  }
  return word;
}

bool is_slug(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_identifier(std::string_view text) {
  return !text.empty() && is_lower(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool is_sqlite_version(std::string_view text) {
  if (text == "system") return true;
  int parts = 0;
  while (true) {
    const auto digits =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    if (digits == 0) return false;
    ++parts;
    if (digits == text.size()) return parts == 3;
    if (text[digits] != '.') return false;
    text.remove_prefix(digits + 1);
  }
}

}  // namespace walsoak::scenario
