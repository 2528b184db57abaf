#include "harness/field/preload/json_text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace walsoak::trace {
namespace {

nlohmann::json parsed(JsonText& json) {
  const std::size_t length = json.finish();
  const std::string text(json.text(), length);
  EXPECT_EQ(text.back(), '\n');
  return nlohmann::json::parse(text);
}

TEST(JsonText, HoldsEveryKindOfValue) {
  char memory[1024];
  JsonText json(memory, sizeof memory);
  json.add("text", "a \"b\" \\ \n \x01");
  json.add("nothing", nullptr);
  json.add_number("least", std::numeric_limits<std::int64_t>::min());
  json.add_number("zero", 0);
  json.add_flag("yes", true);
  json.add_hex("offset", 0x1F40);
  ASSERT_TRUE(json.open_list("items"));
  for (int i = 0; i < 2; ++i) {
    json.open_item();
    json.add_number("i", i);
    EXPECT_TRUE(json.close_item());
  }
  json.close_list();
  const nlohmann::json expected = {{"text", "a \"b\" \\ \n \x01"},
                                   {"nothing", nullptr},
                                   {"least", std::numeric_limits<std::int64_t>::min()},
                                   {"zero", 0},
                                   {"yes", true},
                                   {"offset", "0x1f40"},
                                   {"items", {{{"i", 0}}, {{"i", 1}}}}};
  EXPECT_EQ(parsed(json), expected);
}

// A path may hold any bytes; those that are no UTF-8 are replaced, one by one.
TEST(JsonText, IsUtf8WhateverThePath) {
  char memory[256];
  JsonText json(memory, sizeof memory);
  json.add("path", "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80 \xFF \xC0\xAF \xED\xA0\x80 \xC3");
  EXPECT_EQ(parsed(json).at("path"),
            "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80 \xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD "
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD");
}

TEST(JsonText, StaysValidAtEverySizeItRunsOutOf) {
  for (std::size_t size = 40; size < 200; ++size) {
    std::string memory(size, '?');
    JsonText json(memory.data(), memory.size());
    json.add("first", "some text");
    json.add_number("second", 12345);
    if (json.open_list("list")) {
      for (int i = 0; i < 5; ++i) {
        json.open_item();
        json.add("name", "an item");
        json.add_flag("flag", false);
        if (!json.close_item()) break;
      }
      json.close_list();
    }
    const nlohmann::json value = parsed(json);
    EXPECT_LE(value.size(), 3U);
    if (value.contains("list")) {
      for (const auto& item : value["list"]) EXPECT_EQ(item.size(), 2U) << "a whole item, or none";
    }
  }
}

}  // namespace
}  // namespace walsoak::trace
