// Each state of a board by the counts that decide it, and unknown where they are missing.
#include "harness/evidence/facts/board_state.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace walsoak::facts {
namespace {

using Values = std::vector<std::pair<Key, Count>>;

// A board in WAL mode with two connections and nothing wrong, with values laid over.
BoardState state(const Values& values) {
  Counts counts;
  for (const Key key : {Key::kernel_main, Key::kernel_wal}) counts[key] = 2;
  counts[Key::kernel_shm] = 1;
  counts[Key::kernel_journal] = 0;
  for (const Key key : {Key::kernel_main_deleted, Key::kernel_wal_deleted, Key::kernel_shm_deleted,
                        Key::kernel_main_replaced, Key::lock_main_ofd})
    counts[key] = 0;
  for (const Key key : {Key::lock_main_posix, Key::lock_shm_dms}) counts[key] = 1;
  for (const auto& [key, value] : values) counts[key] = value;
  return board_state(counts);
}

constexpr auto kNo = Presence::no, kYes = Presence::yes, kNotKnown = Presence::unknown;

TEST(BoardState, AHealthyBoardShowsNothing) {
  const BoardState seen = state({});
  for (const Judgement& judgement : {seen.lock_lost, seen.all_locks_lost, seen.index_lock_lost,
                                     seen.sidecar_deleted, seen.main_replaced, seen.two_indexes}) {
    EXPECT_EQ(judgement.presence, kNo);
    EXPECT_EQ(judgement.evidence, "");
  }
}

TEST(BoardState, ALockIsLostWhereAWalIsHeldWithoutAny) {
  EXPECT_EQ(state({{Key::lock_main_posix, 0}}).lock_lost.presence, kYes);
  EXPECT_EQ(state({{Key::lock_main_posix, 0}}).lock_lost.evidence, "2 -wal held, 0 locks on the main file");
  EXPECT_EQ(state({{Key::lock_main_posix, 0}, {Key::lock_main_ofd, 1}}).lock_lost.presence, kNo) << "a guard";
  EXPECT_EQ(state({{Key::lock_main_posix, 0}, {Key::kernel_wal, 0}}).lock_lost.presence, kNo)
      << "nothing was read";
}

TEST(BoardState, ACountThatDecidesByItselfDecides) {
  EXPECT_EQ(state({{Key::lock_main_posix, {}}}).lock_lost.presence, kNotKnown);
  EXPECT_EQ(state({{Key::lock_main_posix, {}}, {Key::lock_main_ofd, 1}}).lock_lost.presence, kNo);
  EXPECT_EQ(state({{Key::lock_main_posix, {}}, {Key::kernel_wal, 0}}).lock_lost.presence, kNo);
  EXPECT_EQ(state({{Key::kernel_wal, {}}, {Key::lock_main_posix, 0}}).lock_lost.presence, kNotKnown);
  EXPECT_EQ(state({{Key::kernel_wal, {}}}).lock_lost.presence, kNo) << "a lock is held";
}

TEST(BoardState, IsLockedByEitherKindAlthoughTheOtherIsNotKnown) {
  EXPECT_EQ(state({}).locked, kYes);
  EXPECT_EQ(state({{Key::lock_main_posix, 0}}).locked, kNo);
  EXPECT_EQ(state({{Key::lock_main_posix, 0}, {Key::lock_main_ofd, 1}}).locked, kYes);
  EXPECT_EQ(state({{Key::lock_main_ofd, {}}}).locked, kYes) << "a POSIX lock decides by itself";
  EXPECT_EQ(state({{Key::lock_main_posix, {}}, {Key::lock_main_ofd, 1}}).locked, kYes);
  EXPECT_EQ(state({{Key::lock_main_posix, {}}}).locked, kNotKnown);
}

TEST(BoardState, AllLocksAreLostWithoutTheOneOnTheIndexAsWell) {
  EXPECT_EQ(state({{Key::lock_main_posix, 0}}).all_locks_lost.presence, kNo);
  EXPECT_EQ(state({{Key::lock_main_posix, 0}, {Key::lock_shm_dms, 0}}).all_locks_lost.presence, kYes);
  EXPECT_EQ(state({{Key::lock_main_posix, 0}, {Key::lock_shm_dms, {}}}).all_locks_lost.presence, kNotKnown);
}

TEST(BoardState, AnIndexLockIsLostWhileTheMainsIsHeld) {
  EXPECT_EQ(state({{Key::lock_shm_dms, 0}}).index_lock_lost.presence, kYes);
  EXPECT_EQ(state({{Key::lock_shm_dms, 0}, {Key::lock_main_posix, 0}}).index_lock_lost.presence, kNo);
  EXPECT_EQ(state({{Key::lock_shm_dms, 0}, {Key::kernel_shm_deleted, 1}}).index_lock_lost.presence, kNo);
  EXPECT_EQ(state({{Key::lock_shm_dms, 0}, {Key::kernel_wal_deleted, 1}}).index_lock_lost.presence, kNo);
}

TEST(BoardState, ADeletedSidecarCountsBesideALiveMain) {
  EXPECT_EQ(state({{Key::kernel_wal_deleted, 1}}).sidecar_deleted.presence, kYes);
  EXPECT_EQ(state({{Key::kernel_shm_deleted, 1}}).sidecar_deleted.presence, kYes);
  EXPECT_EQ(state({{Key::kernel_wal_deleted, 1}, {Key::kernel_main, 0}}).sidecar_deleted.presence, kNo);
  EXPECT_EQ(state({{Key::kernel_wal_deleted, 1}, {Key::kernel_main, {}}}).sidecar_deleted.presence,
            kNotKnown);
  EXPECT_EQ(state({{Key::kernel_wal_deleted, {}}}).sidecar_deleted.presence, kNotKnown);
}

TEST(BoardState, DeletedSidecarsOfAReplacedMainAreItsOwn) {
  const Values replaced = {
      {Key::kernel_main, 2}, {Key::kernel_main_deleted, 1}, {Key::kernel_shm_deleted, 1}};
  Values one = replaced, two = replaced;
  one.emplace_back(Key::kernel_wal_deleted, 1);
  two.emplace_back(Key::kernel_wal_deleted, 2);
  EXPECT_EQ(state(one).sidecar_deleted.presence, kNo)
      << "one -wal a connection: the deleted one is the deleted main's";
  EXPECT_EQ(state(two).sidecar_deleted.presence, kYes) << "one more than the deleted main can have";
  EXPECT_EQ(state(one).main_replaced.presence, kYes);
}

TEST(BoardState, AMainIsReplacedByDeletionOrByAnotherInode) {
  EXPECT_EQ(state({{Key::kernel_main_deleted, 1}}).main_replaced.presence, kYes);
  EXPECT_EQ(state({{Key::kernel_main_replaced, 1}}).main_replaced.presence, kYes);
  EXPECT_EQ(state({{Key::kernel_main_replaced, {}}}).main_replaced.presence, kNotKnown);
  EXPECT_EQ(state({{Key::kernel_main_replaced, {}}, {Key::kernel_main_deleted, 1}}).main_replaced.presence,
            kYes);
}

TEST(BoardState, TwoIndexesAreTwoLiveOnes) {
  EXPECT_EQ(state({{Key::kernel_shm, 2}}).two_indexes.presence, kYes);
  EXPECT_EQ(state({{Key::kernel_shm, 2}, {Key::kernel_shm_deleted, 1}}).two_indexes.presence, kNo);
}

TEST(BoardState, AJournalIsHeldUnderALock) {
  const Values journal = {{Key::kernel_wal, 0}, {Key::kernel_journal, 1}, {Key::lock_main_posix, 0}};
  EXPECT_EQ(state(journal).lock_lost.evidence, "1 -journal held, 0 locks on the main file");
}

TEST(BoardState, WithoutAShmALockThatWasNeverSeenMayNeverHaveBeenTaken) {
  const Values exclusive = {{Key::kernel_shm, 0}, {Key::lock_shm_dms, 0}, {Key::lock_main_posix, 0}};
  EXPECT_EQ(state(exclusive).lock_lost.presence, kNotKnown);
  EXPECT_EQ(state(exclusive).lock_unclear.presence, kYes);
  EXPECT_EQ(state({{Key::lock_main_posix, 0}}).lock_unclear.presence, kNo) << "a -shm: its VFS locks bytes";
  Values dotfile = exclusive;
  dotfile.emplace_back(Key::lock_folder, 1);
  EXPECT_EQ(state(dotfile).lock_lost.presence, kNo);
  EXPECT_EQ(state(dotfile).lock_unclear.presence, kNo);
}

TEST(BoardState, AShmThatIsOpenForReadingAloneHasNoLockToLose) {
  EXPECT_EQ(state({{Key::lock_shm_dms, 0}, {Key::shm_readonly, 1}}).index_lock_lost.presence, kNo);
  EXPECT_EQ(state({{Key::lock_shm_dms, 0}, {Key::shm_readonly, 0}}).index_lock_lost.presence, kYes);
}

TEST(BoardState, ADeletedShmBesideALiveOneIsAnotherGeneration) {
  const Values both = {{Key::kernel_shm, 2}, {Key::kernel_shm_deleted, 1}, {Key::lock_shm_dms_deleted, 0}};
  EXPECT_EQ(state(both).two_generations.presence, kYes);
  EXPECT_EQ(state(both).deleted_index_locked, kNo);
  EXPECT_EQ(state({{Key::kernel_shm_deleted, 1}}).two_generations.presence, kNo);
  EXPECT_EQ(state({{Key::kernel_shm_deleted, 1}}).deleted_index_locked, kYes)
      << "no other -shm has that lock";
  EXPECT_EQ(state({{Key::kernel_shm, 2}, {Key::kernel_shm_deleted, 1}}).deleted_index_locked, kNotKnown);
  Values replaced = both;
  replaced.emplace_back(Key::kernel_main_deleted, 1);
  EXPECT_EQ(state(replaced).two_generations.presence, kNo) << "the deleted one is the deleted main's";
}

TEST(BoardState, AFileHasAnotherNameByItsLinksOrByAMount) {
  const Values one = {{Key::main_links, 1}, {Key::main_mounts, 0}, {Key::main_other_names, 0}};
  const auto with = [&](Key key, Count value) {
    Values values = one;
    values.emplace_back(key, value);
    return state(values);
  };
  EXPECT_EQ(state(one).second_name.presence, kNo);
  EXPECT_EQ(with(Key::main_links, 2).second_name.presence, kYes);
  EXPECT_EQ(with(Key::main_links, 2).two_names.presence, kNo) << "nobody uses it";
  EXPECT_EQ(with(Key::main_mounts, 1).second_name.presence, kYes);
  EXPECT_EQ(with(Key::main_other_names, 1).two_names.presence, kYes);
  EXPECT_EQ(with(Key::main_other_names, {}).two_names.presence, kNotKnown);
  Values at_rest = {{Key::main_links, 2}, {Key::main_other_names, 1}, {Key::kernel_wal, 0}};
  EXPECT_EQ(state(at_rest).two_names.presence, kNo) << "no sidecar goes by the name";
}

// The cases that the pictures' rules are held to as well (tests/python/test_board_state.py).
TEST(BoardState, IsThatOfTheSharedCases) {
  std::ifstream file(WALSOAK_FIXTURES "/board_state/cases.json");
  const auto cases = nlohmann::ordered_json::parse(file);
  ASSERT_GE(cases.size(), 38U);
  const auto expected = [](const nlohmann::ordered_json& value) {
    return value.is_null() ? kNotKnown : value.get<bool>() ? kYes : kNo;
  };
  for (const auto& one : cases) {
    const std::string name = one.at("case");
    const auto counts = [](const nlohmann::ordered_json& board) {
      return Sample::from_json({{"tick", 0}, {"quiet", true}, {"boards", {{"b01", board}}}}).boards.at("b01");
    };
    BoardPast past;
    if (one.contains("before")) past.note(counts(one.at("before")));
    const BoardState seen = board_state(counts(one.at("board")), past);
    if (one.contains("before")) {
      EXPECT_EQ(seen.main_shrunk.presence, expected(one.at("main_shrunk"))) << name;
    }
    EXPECT_EQ(seen.lock_lost.presence, expected(one.at("lock_lost"))) << name;
    EXPECT_EQ(seen.sidecar_deleted.presence, expected(one.at("sidecar_deleted"))) << name;
    EXPECT_EQ(seen.main_replaced.presence, expected(one.at("main_replaced"))) << name;
  }
}

}  // namespace
}  // namespace walsoak::facts
