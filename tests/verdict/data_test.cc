// Acknowledged rows against what inside, outside and the final copy show.
#include "harness/verdict/data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/verdict/builders.h"

namespace walsoak::verdict {
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
  EXPECT_EQ(text(missing(data.view("acknowledged", "b01").rows, data.view("final", "b01").rows)),
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

}  // namespace
}  // namespace walsoak::verdict
