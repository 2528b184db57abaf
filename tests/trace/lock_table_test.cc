#include "harness/field/preload/lock_table.h"

#include <gtest/gtest.h>

#include <memory>

namespace walsoak::trace {
namespace {

constexpr FileId kFile{1, 2};
constexpr ByteRange kShared{0x40000002, 0x400001FF};
constexpr ByteRange kAll{0, ~std::uint64_t{0}};
constexpr std::uintptr_t kSqlite = 100, kOther = 200;

HeldLock lock_on(const FileId& file, const ByteRange& range, std::uintptr_t owner) {
  return {file, range, false, false, 3, owner, 0, 0};
}

class LockTableTest : public ::testing::Test {
 protected:
  int listed(const FileId& file) { return table_->list(file, kAll, found_, 8); }
  std::unique_ptr<LockTable> table_ = std::make_unique<LockTable>();  // value-initialised: zeros
  HeldLock found_[8];
};

TEST_F(LockTableTest, MemoryOfZerosIsEmpty) {
  EXPECT_TRUE(table_->empty());
  EXPECT_FALSE(table_->holds(kFile));
}

TEST_F(LockTableTest, WhatItsOwnerReleasesIsNoLoss) {
  ASSERT_TRUE(table_->add(lock_on(kFile, kShared, kSqlite)));
  ASSERT_EQ(listed(kFile), 1);
  const HeldLock held = found_[0];
  table_->begin_release(kFile, kAll, kSqlite);
  EXPECT_FALSE(table_->take_lost(held)) << "a release is under way";
  table_->end_release(kFile, kAll, kSqlite, true);
  EXPECT_FALSE(table_->take_lost(held));
  EXPECT_TRUE(table_->empty());
}

TEST_F(LockTableTest, TheLockOfAWholeProcessIsToldFromAWriters) {
  HeldLock shared = lock_on(kFile, kShared, kSqlite);
  EXPECT_FALSE(table_->is_of_process(shared)) << "a reader's";
  shared.write = true;
  table_->add(shared);
  EXPECT_TRUE(table_->is_of_process(shared)) << "unix-excl";
  HeldLock reserved = lock_on(kFile, {0x40000001, 0x40000001}, kSqlite);
  reserved.write = true;
  table_->add(reserved);
  EXPECT_FALSE(table_->is_of_process(shared)) << "a writer's";
}

TEST_F(LockTableTest, AReleaseThatFailedLeavesTheLock) {
  table_->add(lock_on(kFile, kShared, kSqlite));
  table_->begin_release(kFile, kAll, kSqlite);
  table_->end_release(kFile, kAll, kSqlite, false);
  ASSERT_EQ(listed(kFile), 1);
  EXPECT_TRUE(table_->take_lost(found_[0]));
  EXPECT_FALSE(table_->take_lost(found_[0])) << "lost once";
}

TEST_F(LockTableTest, ARangeCutOutLeavesBothEnds) {
  table_->add(lock_on(kFile, {100, 199}, kSqlite));
  table_->begin_release(kFile, {120, 129}, kSqlite);
  table_->end_release(kFile, {120, 129}, kSqlite, true);
  ASSERT_EQ(listed(kFile), 2);
  EXPECT_EQ(table_->list(kFile, {120, 129}, found_, 8), 0);
  EXPECT_EQ(table_->list(kFile, {100, 119}, found_, 8), 1);
  EXPECT_EQ(table_->list(kFile, {130, 199}, found_, 8), 1);
}

TEST_F(LockTableTest, LocksOfAnotherOwnerStayUnderARelease) {
  table_->add(lock_on(kFile, kShared, kSqlite));
  table_->add(lock_on(kFile, kShared, kOther));
  EXPECT_TRUE(table_->holds_for_others(kFile, kAll, kOther));
  table_->begin_release(kFile, kAll, kOther);
  table_->end_release(kFile, kAll, kOther, true);
  ASSERT_EQ(listed(kFile), 1);
  EXPECT_EQ(found_[0].owner, kSqlite);
  EXPECT_FALSE(table_->holds_for_others(kFile, kAll, kSqlite));
}

TEST_F(LockTableTest, ALockTakenAnewReplacesTheOneBelow) {
  table_->add(lock_on(kFile, kShared, kSqlite));
  ASSERT_EQ(listed(kFile), 1);
  const HeldLock before = found_[0];
  table_->add(lock_on(kFile, kShared, kSqlite));
  EXPECT_EQ(listed(kFile), 1);
  EXPECT_FALSE(table_->take_lost(before)) << "what was seen before is another lock";
}

TEST_F(LockTableTest, FilesOfOneBucketAreKeptApart) {
  const FileId twin{kFile.dev, kFile.ino + 1024};
  table_->add(lock_on(kFile, kShared, kSqlite));
  table_->add(lock_on(twin, kShared, kSqlite));
  table_->add(lock_on(twin, {0x40000000, 0x40000000}, kSqlite));
  EXPECT_EQ(table_->list_files(found_, 8), 2);
  EXPECT_EQ(listed(kFile), 1);
  EXPECT_EQ(listed(twin), 2);
}

TEST_F(LockTableTest, FullItRefusesAndReusesWhatWasReleased) {
  for (int i = 0; i < LockTable::kMostLocks; ++i) {
    ASSERT_TRUE(table_->add(lock_on({1, static_cast<ino_t>(i)}, kShared, kSqlite)));
  }
  EXPECT_FALSE(table_->add(lock_on({9, 9}, kShared, kSqlite)));
  table_->end_release({1, 7}, kAll, kSqlite, true);
  EXPECT_TRUE(table_->add(lock_on({9, 9}, kShared, kSqlite)));
  table_->clear();
  EXPECT_TRUE(table_->empty());
  EXPECT_FALSE(table_->holds({9, 9}));
}

}  // namespace
}  // namespace walsoak::trace
