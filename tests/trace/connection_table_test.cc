#include "harness/field/preload/sqlite/connection_table.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

namespace walsoak::trace {
namespace {

const void* address(std::uintptr_t number) {
  return reinterpret_cast<const void*>(0x1000 + 16 * number);
}

TEST(ConnectionTable, NumbersAreNeverGivenTwice) {
  const auto table = std::make_unique<ConnectionTable>();
  EXPECT_EQ(table->add(address(1)), 1);
  EXPECT_EQ(table->add(address(2)), 2);
  EXPECT_EQ(table->remove(address(1)), 1);
  EXPECT_EQ(table->remove(address(1)), 0) << "closed already";
  EXPECT_EQ(table->add(address(1)), 3);
  EXPECT_EQ(table->open(), 2);
}

// Against a map, with many collisions and holes.
TEST(ConnectionTable, FindsWhatIsOpenAfterManyOpensAndCloses) {
  const auto table = std::make_unique<ConnectionTable>();
  std::map<std::uintptr_t, std::int64_t> expected;
  std::mt19937 random(7);  // NOLINT: the same each time
  for (int i = 0; i < 100000; ++i) {
    const std::uintptr_t number = random() % 3000;
    const auto known = expected.find(number);
    if (known == expected.end()) {
      expected[number] = table->add(address(number));
    } else {
      ASSERT_EQ(table->remove(address(number)), known->second);
      expected.erase(known);
    }
  }
  EXPECT_EQ(table->open(), static_cast<std::int64_t>(expected.size()));
  for (std::uintptr_t number = 0; number < 3000; ++number) {
    ASSERT_EQ(table->find(address(number)), expected.contains(number) ? expected[number] : 0);
  }
  table->clear();
  EXPECT_EQ(table->open(), 0);
  EXPECT_EQ(table->find(address(5)), 0);
}

TEST(ConnectionTable, InAForkedChildTheParentsAreKnownAndNotOpen) {
  const auto table = std::make_unique<ConnectionTable>();
  table->add(address(1));
  table->add(address(2));
  EXPECT_FALSE(table->has_inherited());
  table->inherit();
  EXPECT_TRUE(table->has_inherited());
  EXPECT_EQ(table->open(), 0);
  EXPECT_EQ(table->take_inherited(address(1)), 1);
  EXPECT_EQ(table->take_inherited(address(1)), 0) << "said once";
  EXPECT_EQ(table->add(address(2)), 3) << "memory that the child uses anew";
  EXPECT_EQ(table->take_inherited(address(2)), 0);
  EXPECT_EQ(table->open(), 1);
  EXPECT_EQ(table->remove(address(1)), 1);
  EXPECT_EQ(table->open(), 1) << "it was the parent's";
  EXPECT_EQ(table->take_inherited(address(9)), 0);
}

TEST(ConnectionTable, WithoutRoomItStillCounts) {
  const auto table = std::make_unique<ConnectionTable>();
  for (std::uintptr_t i = 0; i < ConnectionTable::kMost; ++i) ASSERT_GT(table->add(address(i)), 0);
  EXPECT_EQ(table->add(address(ConnectionTable::kMost)), 0);
  EXPECT_EQ(table->open(), ConnectionTable::kMost + 1);
  EXPECT_EQ(table->find(address(ConnectionTable::kMost)), 0);
}

}  // namespace
}  // namespace walsoak::trace
