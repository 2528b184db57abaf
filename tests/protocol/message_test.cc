#include "harness/protocol/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace walsoak::protocol {
namespace {

TEST(Message, CarriesTheVersionFirstThenItsType) {
  EXPECT_EQ(make("step").dump(), R"({"walsoak":1,"type":"step"})");
}

TEST(Message, SurvivesTheWayThereInTheOrderOfItsKeys) {
  Message message = make("step");
  message["zulu"] = 1;
  message["alpha"] = "line\nbreak \u00e4";
  const std::string line = to_line(message);
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line, whatever is in it";
  EXPECT_EQ(parse(line)->dump(), message.dump());
}

TEST(Message, LinesWithoutTheKeyAreNoMessages) {
  for (const char* line :
       {"", "\n", "plain text", "{", "[]", "1", "null", "\"walsoak\"", "{\"type\":\"step\"}",
        "{\"walsoak\":1} and more", "Traceback (most recent call last):", "\xff\xfe"}) {
    EXPECT_FALSE(parse(line)) << line;
  }
}

TEST(Message, AnotherVersionIsAnErrorThatNamesBoth) {
  EXPECT_THAT([] { parse(R"({"walsoak":2,"type":"step"})"); },
              testing::ThrowsMessage<std::runtime_error>(
                  testing::AllOf(testing::HasSubstr("version 2"), testing::HasSubstr("speaks 1"))));
  EXPECT_THROW(parse(R"({"walsoak":"1"})"), std::runtime_error);
}

TEST(Message, BytesThatAreNoUtf8AreReplaced) {
  Message message = make("event");
  message["text"] = "broken \xff byte";
  const auto parsed = parse(to_line(message));
  ASSERT_TRUE(parsed);
  EXPECT_EQ((*parsed)["text"], "broken \xef\xbf\xbd byte");
}

TEST(Message, WhatIsNoNumberIsNull) {
  Message message = make("event");
  message["value"] = std::nan("");
  EXPECT_TRUE((*parse(to_line(message)))["value"].is_null());
}

}  // namespace
}  // namespace walsoak::protocol
