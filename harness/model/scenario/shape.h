// The small checks that every part of a scenario file needs: types, keys and the forms of names. Each throws
// ScenarioError at the place that it is handed.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "harness/model/scenario/scenario_error.h"

namespace walsoak::scenario {

// A value as an error quotes it: compact, ASCII, cut where it is long.
std::string shown(const nlohmann::ordered_json& value);

void require_object(const nlohmann::ordered_json& value, const Place& place);
void require_array(const nlohmann::ordered_json& value, const Place& place);
const std::string& require_string(const nlohmann::ordered_json& value, const Place& place);

// That an object has no key but these.
void require_keys(const nlohmann::ordered_json& object, const Place& place,
                  std::span<const std::string_view> keys);

// The member, or an error at its place where it is missing.
const nlohmann::ordered_json& require_member(const nlohmann::ordered_json& object, const Place& place,
                                             std::string_view key, std::string_view valid);

// That "schema_version" is there and is one that this program reads.
void require_schema_version(const nlohmann::ordered_json& document, const Place& file);

// That a string is one of the names; returns it.
const std::string& require_name(const nlohmann::ordered_json& value, const Place& place,
                                std::string_view kind, std::span<const std::string_view> names,
                                std::string_view all_shown_by = {});

// [a-z0-9-]+
bool is_slug(std::string_view text);
// [a-z][a-z0-9_]*
bool is_identifier(std::string_view text);
// system, or three numbers parted by dots
bool is_sqlite_version(std::string_view text);

}  // namespace walsoak::scenario
