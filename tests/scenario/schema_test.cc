// The JSON Schema that editors use says the same as the tables that the loader reads.
#include <gmock/gmock.h>

#include "harness/model/scenario/strict_json.h"
#include "harness/model/vocabulary/faults.h"
#include "harness/model/vocabulary/findings.h"
#include "harness/model/vocabulary/mechanisms.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::scenario {
namespace {

using nlohmann::json;

json schema() {
  static const json read = read_strict(WALSOAK_SCENARIOS "/scenario.schema.json");
  return read;
}

constexpr const char* kVersionPattern = "^(system|[0-9]+\\.[0-9]+\\.[0-9]+)$";

// What the schema must say of a setting.
json described(const SettingInfo& setting) {
  json says = {{"description", setting.summary}, {"default", setting.default_value}};
  switch (setting.kind) {
    case SettingKind::choice:
      says["enum"] = setting.choices;
      break;
    case SettingKind::faults:
      says["type"] = "array";
      says["items"] = {{"$ref", "#/definitions/fault"}};
      break;
    case SettingKind::order:
    case SettingKind::text:
      says["type"] = "string";
      if (setting.name.starts_with("sqlite.")) says["pattern"] = kVersionPattern;
      break;
    case SettingKind::integer:
    case SettingKind::number:
      says["type"] = setting.kind == SettingKind::integer ? "integer" : "number";
      says["minimum"] = setting.min;
      says["maximum"] = setting.max;
      break;
  }
  return says;
}

std::vector<std::string> names_of_settings() {
  std::vector<std::string> names{"sqlite"};
  for (const SettingInfo& setting : settings_table()) names.emplace_back(setting.name);
  return names;
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST(Schema, DescribesEverySettingAsTheTableDoes) {
  const json properties = schema().at("definitions").at("settings").at("properties");
  EXPECT_THAT(keys_of(properties), testing::UnorderedElementsAreArray(names_of_settings()));
  for (const SettingInfo& setting : settings_table()) {
    EXPECT_EQ(properties.value(std::string(setting.name), json()), described(setting)) << setting.name;
  }
}

TEST(Schema, HasAnAxisForEverySetting) {
  const json settings = schema().at("definitions").at("settings").at("properties");
  const json axes = schema().at("definitions").at("axes").at("properties");
  EXPECT_THAT(keys_of(axes), testing::UnorderedElementsAreArray(names_of_settings()));
  for (const std::string& name : names_of_settings()) {
    const json expected = {{"description", settings.at(name).at("description")},
                           {"type", "array"},
                           {"items", {{"$ref", "#/definitions/settings/properties/" + name}}},
                           {"minItems", 1},
                           {"uniqueItems", true}};
    EXPECT_EQ(axes.value(name, json()), expected) << name;
  }
}

// A value that the schema's words for a key allow, and for a number its ends too.
std::vector<json> values_of(const json& key) {
  if (key.contains("enum")) return key.at("enum").get<std::vector<json>>();
  if (key.at("type") == "integer") return {key.at("minimum"), key.at("maximum")};
  return {"b01"};
}

TEST(Schema, DescribesEveryFaultAsTheTableDoes) {
  const json alternatives = schema().at("definitions").at("fault").at("oneOf");
  ASSERT_EQ(alternatives.size(), faults_table().size());
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    const FaultInfo& info = faults_table()[i];
    const json& says = alternatives[i];
    const json& properties = says.at("properties");
    EXPECT_EQ(properties.at("fault"), (json{{"const", info.name}}));
    EXPECT_EQ(says.at("description"), info.summary);
    std::vector<std::string> keys{"fault", "at_tick"};
    if (info.lasts) keys.emplace_back("until_tick");
    for (const std::string_view key : info.keys) keys.emplace_back(key);
    EXPECT_THAT(keys_of(properties), testing::UnorderedElementsAreArray(keys)) << info.name;
    for (const std::string_view key : info.keys) {
      for (const json& value : values_of(properties.at(std::string(key)))) {
        json fault = {{"fault", info.name}, {"at_tick", 0}};
        if (info.name == "fd-limit") fault["soft"] = 64;
        if (info.name == "fork") fault["until_tick"] = 2;
        fault[std::string(key)] = value;
        EXPECT_EQ(why_no_faults(json::array({fault})), "") << fault;
        if (!value.is_number_integer()) continue;
        const bool is_least = value == properties.at(std::string(key)).at("minimum");
        fault[std::string(key)] = value.get<std::int64_t>() + (is_least ? -1 : 1);
        EXPECT_NE(why_no_faults(json::array({fault})), "") << fault;
      }
    }
  }
}

TEST(Schema, KnowsTheWordsOfResults) {
  const json definitions = schema().at("definitions");
  EXPECT_EQ(definitions.at("finding").at("enum"),
            json(std::vector<std::string_view>(finding_names().begin(), finding_names().end())));
  EXPECT_EQ(definitions.at("mechanism").at("enum"),
            json(std::vector<std::string_view>(mechanism_names().begin(), mechanism_names().end())));
}

TEST(Schema, KnowsTheKeysOfAScenario) {
  EXPECT_THAT(keys_of(schema().at("properties")),
              testing::UnorderedElementsAre("$schema", "schema_version", "name", "title", "question",
                                            "preset", "settings", "matrix", "control", "expect", "thresholds",
                                            "jobs", "repeat", "field"));
}

}  // namespace
}  // namespace walsoak::scenario
