// The member `field`: what a field report said is held to its form, key by key.
#include "harness/model/scenario/field.h"

#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

const char* const kQuantity =
    R"({"what": "a minute", "value": 12, "metric": "steps", "per": "tick", "range": [12, 12], "why": "exact"})";

class Field : public ScenarioFiles {
 protected:
  // A whole member with this quantity, and with one text replaced by another.
  static std::string member(const std::string& quantity = kQuantity, const std::string& from = "",
                            const std::string& to = "") {
    std::string text =
        R"("field": {"thread": "#29610", "reported": "r", "conditions": "c", "leaky": {"boards": 1},
           "fixed": {"boards": 1}, "reported_quantities": [)" +
        quantity + R"(], "second_quantity": {"what": "text", "value": "disk I/O error",
           "error": "disk I/O error", "why": "the message"}, "cure": "c", "tried": "t"})";
    if (!from.empty()) text.replace(text.find(from), from.size(), to);
    return text;
  }
  std::string quantity_error(const std::string& quantity) const { return error_of(member(quantity)); }
};

TEST_F(Field, IsTakenAndKeptWithTheScenario) {
  const Scenario scenario = load(member());
  EXPECT_EQ(scenario.verbatim.at("field").at("thread"), "#29610");
  EXPECT_EQ(scenario.cells.size(), 1u) << "it sets nothing";
}

TEST_F(Field, MayLackAFix) {
  EXPECT_EQ(error_of(member(kQuantity, R"("fixed": {"boards": 1},)", "")), "no error");
}

TEST_F(Field, RefusesUnknownKeysWithTheirPlace) {
  EXPECT_TRUE(error_of(member(kQuantity, "\"cure\"", "\"cur\""))
                  .starts_with("s.json: /field/cur: unknown key \"cur\"; did you mean \"cure\"?"));
  EXPECT_NE(quantity_error(R"({"wat": 1})").find("/field/reported_quantities/0/wat: unknown key"),
            std::string::npos);
}

TEST_F(Field, NeedsEveryPart) {
  EXPECT_NE(error_of(member(kQuantity, ", \"tried\": \"t\"", "")).find("/field/tried: missing"),
            std::string::npos);
  EXPECT_NE(error_of(member(kQuantity, "\"tried\": \"t\"", "\"tried\": \"\"")).find("says nothing"),
            std::string::npos);
  EXPECT_NE(error_of(member("")).find("has no quantities"), std::string::npos);
  EXPECT_NE(error_of(member(kQuantity, "#29610", "29610")).find("is no thread"), std::string::npos);
}

TEST_F(Field, NamesSettingsThatExist) {
  EXPECT_NE(error_of(member(kQuantity, "\"boards\"", "\"bords\"")).find("/field/leaky/bords"),
            std::string::npos);
}

TEST_F(Field, AQuantityHasOneSource) {
  EXPECT_NE(quantity_error(R"({"what": "w", "value": 1, "why": "y"})").find("from 0 sources"),
            std::string::npos);
  EXPECT_NE(quantity_error(R"({"what": "w", "value": 1, "why": "y", "metric": "steps", "event": "e"})")
                .find("from 2 sources"),
            std::string::npos);
}

TEST_F(Field, ANumberHasARangeAndATextHasNone) {
  const std::string head = R"({"what": "w", "value": 1, "why": "y", )";
  EXPECT_NE(quantity_error(head + R"("metric": "steps"})").find("/0/range: missing"), std::string::npos);
  for (const char* range : {"[2, 1]", "[1]", "[\"a\", 2]", "[1, 2, 3]"}) {
    EXPECT_NE(
        quantity_error(head + R"("event": "worker-ended", "range": )" + range + "}").find("is no range"),
        std::string::npos)
        << range;
  }
  EXPECT_NE(quantity_error(head + R"("error": "e", "range": [1, 2]})").find("is for numbers"),
            std::string::npos);
}

TEST_F(Field, ChecksFindingsAndMetrics) {
  const std::string head = R"({"what": "w", "value": "x", "why": "y", )";
  EXPECT_NE(quantity_error(head + R"("finding": "wegded"})").find("unknown finding"), std::string::npos);
  EXPECT_NE(quantity_error(head + R"("metric": "No metric", "range": [1, 2]})").find("is no metric's name"),
            std::string::npos);
  for (const char* per : {"tick", "pass", "board", "steps"}) {
    EXPECT_EQ(quantity_error(head + R"("metric": "steps", "range": [1, 2], "per": ")" + per + "\"}"),
              "no error")
        << per;
  }
  EXPECT_NE(quantity_error(head + R"("metric": "stops", "range": [1, 2]})").find("unknown metric"),
            std::string::npos);
}

}  // namespace
}  // namespace walsoak::scenario
