// What a cell shows that has not ended.
#include <gtest/gtest.h>

#include "harness/judgement/finding/finding.h"
#include "harness/judgement/verdict/summarise.h"
#include "tests/facts/builders.h"

namespace walsoak::judgement {
namespace {

using testing::board;
using testing::facts_of;
using testing::free_header;
using testing::free_sample;
using testing::free_tick;
using testing::Json;

// Ticks of a cell in its midst; `failing` are all its passes.
facts::CellFacts so_far(const std::vector<Json>& boards, bool failing = false) {
  std::vector<Json> lines{free_header(1)};
  for (std::size_t i = 0; i < boards.size(); ++i) {
    const auto tick = static_cast<std::int64_t>(i);
    lines.push_back(failing ? free_tick(tick, {"b01"}) : free_tick(tick));
    lines.push_back(free_sample(tick, {boards[i]}));
  }
  return facts_of(lines);
}

TEST(SoFarTest, TheFirstThatHolds) {
  EXPECT_EQ(find_so_far(so_far({board(1), board(1), board(1)})).name, "clean");
  EXPECT_EQ(find_so_far(so_far({board(1), board(2), board(3)})).name, "leak");
  EXPECT_EQ(find_so_far(so_far({board(1), board(3), board(3)})).name, "bounded growth");
  const Finding wedged_too = find_so_far(so_far({board(1), board(2), board(3)}, /*failing=*/true));
  EXPECT_EQ(wedged_too.name, "wedged");
  EXPECT_EQ(wedged_too.also, std::vector<std::string>{"leak"});
  const Json unlinked = {{"vfs_wal_unlinks_in_scope", 5}};
  EXPECT_EQ(find_so_far(so_far({board(), board(), board(0, unlinked)})).name, "churn");
}

TEST(SoFarTest, TooLittleIsUnknown) {
  EXPECT_EQ(find_so_far(facts::CellFacts()).name, "unknown");
  EXPECT_EQ(find_so_far(so_far({board(1), board(1)})).name, "unknown");
}

TEST(SoFarTest, ItStandsInTheSummaryOfACellThatHasNotEnded) {
  const facts::CellFacts facts = so_far({board(1), board(2), board(3)});
  const auto cell = [&facts](const char* state) {
    return conclude({"c01", {{"mode", "free"}}, Json::object(), nullptr, state}, facts, Expectation()).json;
  };
  for (const char* state : {"running", "interrupted"}) {
    EXPECT_EQ(cell(state)["so_far"], "leak") << state;
    EXPECT_EQ(cell(state)["finding"], "unknown") << state;
    EXPECT_EQ(cell(state)["verdict"], "unknown") << state;
  }
  for (const char* state : {"done", "failed", "pending"}) EXPECT_EQ(cell(state)["so_far"], nullptr) << state;
}

TEST(SoFarTest, ACellThatHasBegunWithoutAStreamIsUnknown) {
  EXPECT_EQ(not_run({"c01", {}, {}, nullptr, "running"}, Expectation()).json["so_far"], "unknown");
  EXPECT_EQ(not_run({"c01", {}, {}, nullptr, "pending"}, Expectation()).json["so_far"], nullptr);
}

}  // namespace
}  // namespace walsoak::judgement
