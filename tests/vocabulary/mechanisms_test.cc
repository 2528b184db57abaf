// The table of mechanisms: each has a mark, a meaning and a cure, and none twice.
#include "harness/model/vocabulary/mechanisms.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace walsoak {
namespace {

TEST(Mechanisms, EachHasAMarkOfItsOwnAMeaningAndACure) {
  std::set<char> letters;
  for (const std::string_view name : mechanism_names()) {
    const MechanismInfo& info = mechanism_info(name);
    EXPECT_NE(info.letter, '\0') << name;
    EXPECT_TRUE(letters.insert(info.letter).second) << name;
    EXPECT_FALSE(info.meaning.empty()) << name;
    EXPECT_FALSE(info.cures.empty()) << name;
  }
}

TEST(Mechanisms, AreTheRowsWithAMarkAndNoNameComesTwice) {
  std::set<std::string_view> marked, all;
  for (const MechanismInfo& info : mechanisms_table()) {
    EXPECT_TRUE(all.insert(info.name).second) << info.name;
    if (info.letter != '\0') marked.insert(info.name);
  }
  EXPECT_EQ(marked, std::set<std::string_view>(mechanism_names().begin(), mechanism_names().end()));
}

TEST(Mechanisms, AnUnknownNameThrows) {
  EXPECT_THROW(mechanism_info("lost"), std::out_of_range);
}

}  // namespace
}  // namespace walsoak
