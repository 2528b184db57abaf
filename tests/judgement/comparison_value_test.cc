// One value in two runs: findings by harm, counts exactly, times by their interval.
#include "harness/judgement/compare/comparison_value.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace walsoak::judgement {
namespace {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;
using Counts = std::vector<Count>;

const ComparedSides kLockstep{"A", "B", true, 0.1, {}};
const ComparedSides kFree{"A", "B", false, 0.1, {}};
MetricInfo kind(Direction better, Nature nature) {
  return {"m", "", better, nature, false, ""};
}
const MetricInfo kCount = kind(Direction::lower, Nature::counted);
const MetricInfo kTime = kind(Direction::lower, Nature::measured);

std::string finding(const Words& from, const Words& to, const ComparedSides& sides = kLockstep) {
  return compare_findings(from, to, sides).at("result");
}

Json metric(const Counts& from, const Counts& to, const MetricInfo& info,
            const ComparedSides& sides = kLockstep, bool asked = false) {
  return compare_metric(info, from, to, sides, asked);
}

TEST(ComparisonValueTest, AFindingIsWorseTheNearerItIsToDataLoss) {
  const Words by_harm{"clean", "churn", "bounded growth", "leak", "wedged", "data loss"};
  for (std::size_t i = 0; i < by_harm.size(); ++i) {
    for (std::size_t j = 0; j < by_harm.size(); ++j) {
      EXPECT_EQ(finding({by_harm[i]}, {by_harm[j]}), j > i ? kWorse : j < i ? kBetter : kSame);
    }
  }
}

TEST(ComparisonValueTest, AnUnknownFindingTellsNothing) {
  EXPECT_EQ(finding({"unknown"}, {"clean"}), kCannotTell);
  EXPECT_EQ(finding({"clean"}, {"unknown"}), kCannotTell);
  EXPECT_EQ(finding({"unknown"}, {"unknown"}), kCannotTell);
  EXPECT_EQ(finding({"clean"}, {"shattered"}), kCannotTell);  // a word of another version
  EXPECT_EQ(finding({"clean"}, {""}), kCannotTell);
  EXPECT_EQ(finding({"clean"}, {}), kCannotTell);
  EXPECT_EQ(compare_findings({"clean"}, {"unknown"}, kLockstep).at("reason"), "unknown in B");
}

TEST(ComparisonValueTest, RepeatsOfALockstepCellMustAgree) {
  EXPECT_EQ(finding({"clean", "clean"}, {"leak", "leak"}), kWorse);
  EXPECT_EQ(finding({"clean", "clean"}, {"leak", "wedged"}), kCannotTell);
  EXPECT_EQ(compare_findings({"clean"}, {"leak", "wedged"}, kLockstep).at("reason"),
            "the repeats in B disagree");
}

TEST(ComparisonValueTest, FreeRunningRepeatsAreWorseWhereEachIs) {
  EXPECT_EQ(finding({"clean", "churn"}, {"leak", "wedged"}, kFree), kWorse);
  EXPECT_EQ(finding({"data loss", "data loss"}, {"leak", "wedged"}, kFree), kBetter);
  EXPECT_EQ(finding({"clean", "clean"}, {"clean", "data loss"}, kFree), kCannotTell);
  EXPECT_EQ(finding({"clean", "clean"}, {"clean", "clean"}, kFree), kSame);
  EXPECT_EQ(finding({"clean", "leak"}, {"clean", "leak"}, kFree), kCannotTell);
}

TEST(ComparisonValueTest, VerdictsFromPassToFail) {
  EXPECT_EQ(compare_verdicts({"pass"}, {"fail"}, kLockstep).at("result"), kWorse);
  EXPECT_EQ(compare_verdicts({"fail"}, {"pass"}, kLockstep).at("result"), kBetter);
  EXPECT_EQ(compare_verdicts({"fail"}, {"fail"}, kLockstep).at("result"), kSame);
  EXPECT_EQ(compare_verdicts({"pass"}, {"unknown"}, kLockstep).at("result"), kCannotTell);
}

TEST(ComparisonValueTest, ALockstepCountIsExact) {
  const Json row = metric({1000}, {1001}, kCount);
  EXPECT_EQ(row.at("result"), kWorse);  // a tenth of a percent, whatever the tolerance
  EXPECT_EQ(row.at("difference"), 1);
  EXPECT_TRUE(row.at("low").is_null());
  EXPECT_TRUE(row.at("exact"));
  EXPECT_EQ(metric({1000}, {999}, kCount).at("result"), kBetter);
  EXPECT_EQ(metric({1000}, {999}, kind(Direction::higher, Nature::counted)).at("result"), kWorse);
  EXPECT_EQ(metric({0}, {0}, kCount).at("result"), kSame);
  EXPECT_EQ(metric({0, 0, 0}, {0}, kCount).at("result"), kSame);
}

TEST(ComparisonValueTest, LockstepRepeatsThatDisagreeAreNoCount) {
  const Json row = metric({3, 4}, {3, 3}, kCount);
  EXPECT_EQ(row.at("result"), kCannotTell);
  EXPECT_EQ(row.at("reason"), "the repeats in A disagree");
  EXPECT_TRUE(row.at("gates"));
}

TEST(ComparisonValueTest, UnknownIsNeverZero) {
  const Json one = metric({std::nullopt}, {0}, kCount);
  EXPECT_EQ(one.at("result"), kCannotTell);
  EXPECT_EQ(one.at("reason"), "not known in A");
  EXPECT_TRUE(one.at("gates"));
  EXPECT_TRUE(one.at("baseline").is_null());
  EXPECT_TRUE(one.at("difference").is_null());
  EXPECT_EQ(metric({0}, {0, std::nullopt}, kCount).at("reason"), "not known in 1 of 2 repeats in B");
  const Json neither = metric({std::nullopt}, {std::nullopt}, kCount);
  EXPECT_EQ(neither.at("result"), kCannotTell);
  EXPECT_FALSE(neither.at("gates"));  // of a subject that has no such ledger
  EXPECT_TRUE(metric({std::nullopt}, {std::nullopt}, kCount, kLockstep, true).at("gates"));
}

TEST(ComparisonValueTest, ASizeThatOneSideDoesNotHaveLeavesTheExitCodeAlone) {
  const Counts none(5, std::nullopt), some(5, 4096);
  const Json row = metric(none, some, kTime);
  EXPECT_EQ(row.at("result"), kCannotTell);
  EXPECT_FALSE(row.at("gates"));
  EXPECT_TRUE(metric(none, some, kTime, kLockstep, true).at("gates"));
}

TEST(ComparisonValueTest, GiantNumbersDoNotWrap) {
  const Json row = metric({INT64_MIN}, {INT64_MAX}, kCount);
  EXPECT_EQ(row.at("result"), kWorse);
  EXPECT_DOUBLE_EQ(row.at("difference").get<double>(), 18446744073709551615.0);
  EXPECT_EQ(metric({INT64_MAX}, {INT64_MIN}, kCount).at("result"), kBetter);
  const Json times = metric(Counts(5, INT64_MAX), Counts(5, INT64_MIN), kTime);
  EXPECT_EQ(times.at("result"), kBetter);
}

TEST(ComparisonValueTest, ATimeIsToldOfRepeatsAlone) {
  const Json once = metric({800}, {8000}, kTime);
  EXPECT_EQ(once.at("result"), kCannotTell);
  EXPECT_FALSE(once.at("gates"));
  EXPECT_EQ(once.at("difference"), 7200);
  EXPECT_TRUE(metric({800}, {8000}, kTime, kLockstep, true).at("gates"));  // asked for by name
  const Json few = metric({800, 801, 802, 803}, {8000, 8001, 8002, 8003}, kTime);
  EXPECT_EQ(few.at("result"), kCannotTell);
  EXPECT_TRUE(few.at("gates"));
  EXPECT_EQ(few.at("reason"), "4 and 4 repeats have no interval; 5 and 5 have one");
}

TEST(ComparisonValueTest, ATimeIsWorseWhereAllOfItsIntervalClearsTheTolerance) {
  const Counts base{1000, 1010, 1020, 1030, 1040};
  const Json worse = metric(base, {1300, 1310, 1320, 1330, 1340}, kTime);
  EXPECT_EQ(worse.at("result"), kWorse);
  EXPECT_EQ(worse.at("difference"), 300);
  EXPECT_EQ(worse.at("low"), 260);
  EXPECT_EQ(worse.at("high"), 340);
  EXPECT_EQ(metric(base, {700, 710, 720, 730, 740}, kTime).at("result"), kBetter);
  EXPECT_EQ(metric(base, {1001, 1011, 1021, 1031, 1041}, kTime).at("result"), kSame);
  // Surely more, but not surely by a tenth.
  EXPECT_EQ(metric(base, {1100, 1110, 1120, 1130, 1140}, kTime).at("result"), kCannotTell);
  ComparedSides strict = kLockstep;
  strict.tolerance = 0;
  EXPECT_EQ(metric(base, {1100, 1110, 1120, 1130, 1140}, kTime, strict).at("result"), kWorse);
}

TEST(ComparisonValueTest, ABaselineOfNothingDividesNothing) {
  const Counts none(5, 0);
  EXPECT_EQ(metric(none, {1, 2, 3, 4, 5}, kTime).at("result"), kWorse);
  EXPECT_EQ(metric(none, none, kTime).at("result"), kSame);
  EXPECT_EQ(metric(none, {0, 0, 0, 0, 9}, kTime).at("result"), kCannotTell);
  // Below 0 the limit is as wide as above.
  const Counts falling{-1000, -1000, -1000, -1000, -1000};
  EXPECT_EQ(metric(falling, {-950, -951, -952, -953, -954}, kCount, kFree).at("result"), kSame);
}

TEST(ComparisonValueTest, FreeRunningCountsGoByTheirIntervalToo) {
  EXPECT_EQ(metric({8}, {8}, kCount, kFree).at("result"), kCannotTell);
  EXPECT_TRUE(metric({8}, {8}, kCount, kFree).at("gates"));
  EXPECT_EQ(metric(Counts(5, 8), Counts(5, 8), kCount, kFree).at("result"), kSame);
  EXPECT_EQ(metric({8, 9, 8, 9, 8}, {18, 19, 18, 17, 18}, kCount, kFree).at("result"), kWorse);
}

TEST(ComparisonValueTest, OfAnotherMachineCountsAreToldAndTimesAreNot) {
  ComparedSides elsewhere = kLockstep;
  elsewhere.untimed = "the machines differ";
  const Json time = metric(Counts(5, 100), Counts(5, 900), kTime, elsewhere);
  EXPECT_EQ(time.at("result"), kCannotTell);
  EXPECT_EQ(time.at("reason"), "the machines differ");
  EXPECT_TRUE(time.at("gates"));
  EXPECT_EQ(metric({1}, {2}, kCount, elsewhere).at("result"), kWorse);
}

}  // namespace
}  // namespace walsoak::judgement
