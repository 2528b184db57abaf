// The table of findings: its order of harm, and names outside it.
#include "harness/model/vocabulary/findings.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

namespace walsoak {
namespace {

TEST(Findings, AreOrderedFromTheWorstToTheHarmless) {
  Harm before = Harm::rows;
  for (const FindingInfo& info : findings_table()) {
    EXPECT_GE(info.harm, before) << info.name;
    before = info.harm;
  }
  EXPECT_LT(harm_rank(kDataLoss), harm_rank(kWedged));
  EXPECT_LT(harm_rank(kLeak), harm_rank(kBoundedGrowth));
  EXPECT_LT(harm_rank(kUnknown), harm_rank(kChurn)) << "an unknown result may hide any harm";
  EXPECT_LT(harm_rank(kChurn), harm_rank(kClean));
}

TEST(Findings, HaveNamesMeaningsAndColoursOfTheirOwn) {
  std::set<std::string_view> names, colours;
  for (const FindingInfo& info : findings_table()) {
    names.insert(info.name);
    colours.insert(info.colour);
    EXPECT_FALSE(info.meaning.empty()) << info.name;
    EXPECT_TRUE(std::regex_match(std::string(info.colour), std::regex("#[0-9A-F]{6}"))) << info.name;
  }
  EXPECT_EQ(names.size(), findings_table().size());
  EXPECT_EQ(colours.size(), findings_table().size());
}

TEST(Findings, OnlyHarmThatWasSeenIsHarmful) {
  EXPECT_TRUE(is_harmful(kDataLoss));
  EXPECT_TRUE(is_harmful(kBoundedGrowth));
  EXPECT_FALSE(is_harmful(kUnknown));
  EXPECT_FALSE(is_harmful(kChurn));
  EXPECT_FALSE(is_harmful(""));
}

TEST(Findings, ANameThatIsNoneComesLastAndIsUnknown) {
  EXPECT_EQ(harm_rank("lost"), findings_table().size());
  EXPECT_EQ(harm_of("lost"), Harm::unknown);
}

}  // namespace
}  // namespace walsoak
