// Acknowledged rows against what inside, outside and the final copy show.
#include "harness/evidence/facts/data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/facts/builders.h"

namespace walsoak::facts {
namespace {

using testing::check;
using ::testing::HasSubstr;
using testing::Json;
using testing::rows;
using testing::sound;
using testing::unreadable;

DataFacts data_of(const std::vector<std::string>& boards, const std::vector<Json>& checks) {
  DataFacts data;
  data.set_boards(boards);
  for (const Json& line : checks) data.accept(line);
  return data;
}

TEST(DataTest, LostCommitsAreCountedPerBoardAndWriter) {
  const Json acknowledged = {
      {"board", "b01"}, {"ok", true}, {"rows", {{"dispatcher", {{1, 40}}}, {"w0001", {{1, 3}}}}}};
  const Json copy = {{"board", "b01"},
                     {"ok", true},
                     {"integrity", "ok"},
                     {"rows", {{"dispatcher", {{1, 36}, {38, 50}}}, {"w0002", {{1, 3}}}}}};
  const DataFacts data = data_of({"b01"}, {check("acknowledged", {acknowledged}), check("final", {copy})});
  EXPECT_EQ(data.acknowledged(), 43);
  EXPECT_EQ(data.lost("final"), 1 + 3);
  EXPECT_EQ(rows_text(missing_rows(data.view("acknowledged", "b01").rows, data.view("final", "b01").rows)),
            "dispatcher 37; w0001 1-3");
}

TEST(DataTest, RowsBeyondTheAcknowledgedAreNoLoss) {
  // A writer that died between COMMIT and its log line.
  const DataFacts data =
      data_of({"b01"}, {check("acknowledged", {rows("b01", 40)}), check("final", {sound("b01", 41)})});
  EXPECT_EQ(data.lost("final"), 0);
}

TEST(DataTest, InsideAndOutsideAreCountedLikewise) {
  const DataFacts data =
      data_of({"b01"}, {check("acknowledged", {rows("b01", 40)}), check("inside", {rows("b01", 40)}),
                        check("outside", {rows("b01", 12)})});
  EXPECT_EQ(data.lost("inside"), 0);
  EXPECT_EQ(data.lost("outside"), 28);
  EXPECT_EQ(data.lost("final"), std::nullopt);
}

TEST(DataTest, WhereNobodyCouldLookItIsUnknown) {
  const DataFacts data =
      data_of({"b01"}, {check("acknowledged", {rows("b01", 40)}),
                        check("inside", {{{"board", "b01"}, {"ok", true}, {"looked", false}}})});
  EXPECT_EQ(data.lost("inside"), std::nullopt);
  EXPECT_EQ(data.error_code("inside"), std::nullopt);
}

TEST(DataTest, WhereTheLookFailedItIsUnknownWithTheCode) {
  const DataFacts data =
      data_of({"b01", "b02"}, {check("acknowledged", {rows("b01", 4), rows("b02", 4)}),
                               check("inside", {rows("b01", 4), unreadable("b02", 522, "disk I/O error")})});
  EXPECT_EQ(data.lost("inside"), std::nullopt);
  EXPECT_EQ(data.error_code("inside"), 522);
}

TEST(DataTest, ABoardWithoutItsLogIsUnknown) {
  const DataFacts data = data_of({"b01", "b02"}, {check("acknowledged", {rows("b01", 4)}),
                                                  check("final", {sound("b01", 4), sound("b02", 4)})});
  EXPECT_EQ(data.acknowledged(), std::nullopt);
  EXPECT_EQ(data.lost("final"), std::nullopt);
}

TEST(DataTest, SoundIsReadableAndOk) {
  const auto presence = [](const Json& view) {
    return data_of({"b01"}, {check("final", {view})}).sound("b01").presence;
  };
  EXPECT_EQ(presence(sound("b01", 4)), Presence::yes);
  EXPECT_EQ(presence(sound("b01", 4, "wrong # of entries in index tasks_by_status")), Presence::no);
  EXPECT_EQ(presence(unreadable("b01", 11, "database disk image is malformed")), Presence::no);
  Json no_answer = sound("b01", 4);
  no_answer["integrity"] = nullptr;
  EXPECT_EQ(presence(no_answer), Presence::unknown);
  EXPECT_EQ(data_of({"b01"}, {}).sound("b01").presence, Presence::unknown);
}

TEST(DataTest, ACheckerThatFailedByItselfSaysNothingAboutTheBoard) {
  Json full = unreadable("b01", 0, "no space left on device");
  full["error"]["app"] = "ENOSPC";
  EXPECT_EQ(data_of({"b01"}, {check("final", {full})}).sound("b01").presence, Presence::unknown);
}

TEST(DataTest, IntegrityOfTheCellIsTheFirstComplaint) {
  EXPECT_EQ(data_of({"b01"}, {check("final", {sound("b01", 1)})}).integrity(), "ok");
  EXPECT_EQ(data_of({"b01", "b02"}, {check("final", {sound("b01", 1)})}).integrity(), "");
  const DataFacts bad =
      data_of({"b01", "b02"}, {check("final", {sound("b01", 1), sound("b02", 1, "row 3 missing")})});
  EXPECT_THAT(bad.integrity(), HasSubstr("b02: integrity_check says \"row 3 missing\""));
  EXPECT_EQ(bad.integrity_failed(), 1);
}

TEST(DataTest, RowsThatAreNoRangesAreAnError) {
  DataFacts data;
  EXPECT_THROW(data.accept(check("inside", {{{"board", "b01"}, {"ok", true}, {"rows", {{"w", 3}}}}})),
               std::invalid_argument);
}

// ---- faults on a board's files

Json replaced(const std::string& board, std::int64_t last_seq) {
  return {{"event", "fault"},
          {"fault", "replace-board"},
          {"board", board},
          {"rows", {{"dispatcher", {{1, last_seq}}}}}};
}
Json corrupted(const std::string& board) {
  return {{"event", "fault"}, {"fault", "corrupt-board"}, {"board", board}};
}
// A final view of rows first to last.
Json later(const std::string& board, std::int64_t first, std::int64_t last) {
  return {{"board", board}, {"ok", true}, {"integrity", "ok"}, {"rows", {{"dispatcher", {{first, last}}}}}};
}

TEST(DataTest, OnlyWhatWasAcknowledgedAfterARestoreCanBeLost) {
  DataFacts data = data_of({"b01", "b02"}, {check("acknowledged", {rows("b01", 40), rows("b02", 40)}),
                                            check("final", {later("b01", 35, 40), sound("b02", 38)})});
  data.accept_fault(replaced("b01", 30));
  EXPECT_EQ(data.lost("final"), 4 + 2) << "b01 31-34 came after the restore; b02 was not replaced";
  EXPECT_EQ(data.lost_by_fault(), 30);
  EXPECT_EQ(rows_text(data.lost_rows("final", "b01")), "dispatcher 31-34");
}

TEST(DataTest, RowsThatARestoreSparedAreNotLostByIt) {
  DataFacts data =
      data_of({"b01"}, {check("acknowledged", {rows("b01", 40)}), check("final", {sound("b01", 40)})});
  data.accept_fault(replaced("b01", 30));
  EXPECT_EQ(data.lost_by_fault(), 0);
  EXPECT_EQ(data.lost("final"), 0);
}

TEST(DataTest, OfTwoRestoresTheLastCounts) {
  DataFacts data =
      data_of({"b01"}, {check("acknowledged", {rows("b01", 40)}), check("final", {later("b01", 36, 40)})});
  data.accept_fault(replaced("b01", 10));
  data.accept_fault(replaced("b01", 35));
  EXPECT_EQ(data.lost_by_fault(), 35);
  EXPECT_EQ(data.lost("final"), 0);
}

TEST(DataTest, ACorruptedBoardIsLeftOutAndItsRowsAreTheFaults) {
  DataFacts data = data_of({"b01", "b02"}, {check("acknowledged", {rows("b01", 40), rows("b02", 40)}),
                                            check("inside", {unreadable("b01", 26, "x"), rows("b02", 40)}),
                                            check("final", {unreadable("b01", 26, "x"), sound("b02", 39)})});
  EXPECT_EQ(data.lost("final"), std::nullopt) << "without the fault it is a board that cannot be read";
  EXPECT_EQ(data.integrity_failed(), 1);
  data.accept_fault(corrupted("b01"));
  EXPECT_TRUE(data.spoilt("b01"));
  EXPECT_FALSE(data.spoilt("b02"));
  EXPECT_EQ(data.lost("final"), 1);
  EXPECT_EQ(data.lost("inside"), 0);
  EXPECT_EQ(data.lost_by_fault(), 40);
  EXPECT_EQ(data.integrity_failed(), 0);
  EXPECT_EQ(data.integrity(), "ok");
}

TEST(DataTest, OfACorruptedBoardThatCanStillBeReadTheMissingRowsCount) {
  DataFacts data =
      data_of({"b01"}, {check("acknowledged", {rows("b01", 40)}), check("final", {sound("b01", 37)})});
  data.accept_fault(corrupted("b01"));
  EXPECT_EQ(data.lost_by_fault(), 3);
  EXPECT_EQ(data.lost("final"), 0);
}

TEST(DataTest, ARestoreHealsACorruptedBoard) {
  DataFacts data =
      data_of({"b01"}, {check("acknowledged", {rows("b01", 40)}), check("final", {later("b01", 33, 39)})});
  data.accept_fault(corrupted("b01"));
  data.accept_fault(replaced("b01", 32));
  EXPECT_FALSE(data.spoilt("b01"));
  EXPECT_EQ(data.lost("final"), 1) << "what is lost afterwards counts again";
  EXPECT_EQ(data.lost_by_fault(), 32);
}

TEST(DataTest, LostByFaultIsUnknownUntilTheFinalCopyAndZeroWithoutFaults) {
  DataFacts data = data_of({"b01", "b02"}, {check("acknowledged", {rows("b01", 40), rows("b02", 40)})});
  EXPECT_EQ(data.lost_by_fault(), 0);
  data.accept_fault({{"event", "fault"}, {"fault", "fd-limit"}, {"soft", 16}});
  EXPECT_EQ(data.lost_by_fault(), 0) << "no fault on a board's files";
  data.accept_fault(replaced("b01", 4));
  EXPECT_EQ(data.lost_by_fault(), std::nullopt);
  data.accept_fault(corrupted("b01"));
  EXPECT_EQ(data.lost_by_fault(), std::nullopt);
}

}  // namespace
}  // namespace walsoak::facts
