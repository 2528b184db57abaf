// What a scenario's expectation means, and how it is read.
#include "harness/model/vocabulary/expectation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace walsoak {
namespace {

using nlohmann::ordered_json;

bool holds(const ordered_json& condition, std::int64_t seen, const Metrics& metrics = {}) {
  return MetricCondition::parse(condition)->holds(seen, metrics) == Presence::yes;
}

TEST(MetricConditionTest, ANumberIsEquality) {
  EXPECT_TRUE(holds(6, 6));
  EXPECT_FALSE(holds(6, 5));
}

TEST(MetricConditionTest, EachOperatorOnBothSidesOfItsEdge) {
  const struct {
    const char* condition;
    bool below, at, above;
  } cases[] = {{"== 5", false, true, false}, {"!= 5", true, false, true}, {"< 5", true, false, false},
               {"<= 5", true, true, false},  {"> 5", false, false, true}, {">=5", false, true, true}};
  for (const auto& [condition, below, at, above] : cases) {
    EXPECT_EQ(holds(condition, 4), below) << condition;
    EXPECT_EQ(holds(condition, 5), at) << condition;
    EXPECT_EQ(holds(condition, 6), above) << condition;
  }
}

TEST(MetricConditionTest, AnotherMetricOfTheCell) {
  const Metrics metrics{{"wal_unlinked", 7}, {"lost_inside", std::nullopt}};
  EXPECT_TRUE(holds("== wal_unlinked", 7, metrics));
  EXPECT_FALSE(holds("> wal_unlinked", 7, metrics));
  EXPECT_EQ(MetricCondition::parse("== lost_inside")->holds(7, metrics), Presence::unknown);
  EXPECT_EQ(MetricCondition::parse("== no_such")->holds(7, metrics), Presence::unknown);
  EXPECT_EQ(MetricCondition::parse("== wal_unlinked")->other(), "wal_unlinked");
}

TEST(MetricConditionTest, ItsTextReadsAsItself) {
  for (const char* text : {"== 6", "!= 6", "< 6", "<= 6", "> 6", ">= 6.5", "== wal_unlinked"}) {
    EXPECT_EQ(MetricCondition::parse(text)->text(), text);
  }
  EXPECT_EQ(MetricCondition::parse(6)->text(), "== 6");
}

TEST(MetricConditionTest, WhatIsNoConditionIsRefused) {
  for (const char* bad : {"\"\"", "\">=\"", "\"= 5\"", "\"5\"", "\"wal_unlinked\"", "\"~ 3\"", "\"== 3 4\"",
                          "\"== Name\"", "null", "true", "[1]"}) {
    EXPECT_FALSE(MetricCondition::parse(ordered_json::parse(bad))) << bad;
  }
}

TEST(ExpectationTest, ReadsNamesListsAndAny) {
  EXPECT_THAT(Expectation::from_json({{"finding", "leak"}}).findings, ::testing::ElementsAre("leak"));
  EXPECT_THAT(Expectation::from_json({{"finding", {"clean", "churn"}}}).findings,
              ::testing::ElementsAre("clean", "churn"));
  EXPECT_TRUE(Expectation::from_json({{"finding", "any"}}).findings.empty());
  EXPECT_TRUE(Expectation::from_json(ordered_json::object()).findings.empty());
  EXPECT_THAT(Expectation::clean_or_churn().findings, ::testing::ElementsAre("clean", "churn"));
}

TEST(ExpectationTest, IsTheSameAfterWritingAndReading) {
  const ordered_json value = {{"finding", {"leak", "wedged"}},
                              {"mechanisms", {"unclosed connection"}},
                              {"not_mechanisms", {"zombie connection"}},
                              {"metrics", {{"api_open_growth", {">= 1", "< 9"}}, {"lost_commits", "== 0"}}}};
  EXPECT_EQ(Expectation::from_json(value).to_json().dump(), value.dump());
  EXPECT_EQ(Expectation::from_json({{"finding", "any"}}).to_json().dump(),
            R"({"finding":"any","metrics":{}})");
}

TEST(ExpectationTest, AnErrorNamesItsKey) {
  try {
    Expectation::from_json({{"metrics", {{"api_open_growth", "> 2"}, {"lost_commits", "~ 2"}}}});
    FAIL() << "was read";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("metrics/lost_commits: \"~ 2\"; valid: a number, or =="));
  }
  EXPECT_THROW(Expectation::from_json({{"finding", 3}}), std::invalid_argument);
  EXPECT_THROW(Expectation::from_json({{"metrics", 3}}), std::invalid_argument);
  EXPECT_THROW(Expectation::from_json(3), std::invalid_argument);
}

}  // namespace
}  // namespace walsoak
