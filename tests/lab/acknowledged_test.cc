// What the logs say is committed: whole lines only, as ranges, for every board of the cell.
#include "harness/lab/session/acknowledged.h"

#include <gtest/gtest.h>

#include <system_error>

#include "tests/os/temporary_folder.h"

namespace walsoak::lab {
namespace {

using protocol::Message;

class Acknowledged : public testing::Test {
 protected:
  Message rows(const std::string& board) {
    return read_acknowledged(folder_.path(), {board}).at(0).at("rows");
  }
  tests::TemporaryFolder folder_;
};

TEST_F(Acknowledged, LinesOfEachWriterAreRangesOfEachBoard) {
  folder_.write("dispatcher.log", "b01 dispatcher 1\nb02 dispatcher 1\nb01 dispatcher 2\nb01 dispatcher 3\n");
  folder_.write("w0001.log", "b01 w0001 1\nb01 w0001 3\nb01 w0001 4\n");
  EXPECT_EQ(read_acknowledged(folder_.path(), {"b01", "b02"}), Message::parse(R"([
      {"board":"b01","ok":true,"rows":{"dispatcher":[[1,3]],"w0001":[[1,1],[3,4]]}},
      {"board":"b02","ok":true,"rows":{"dispatcher":[[1,1]]}}])"));
}

TEST_F(Acknowledged, ALineThatWasCutShortDoesNotSayItsNumber) {
  folder_.write("w0001.log", "b01 w0001 1\nb01 w0001 12");
  EXPECT_EQ(rows("b01"), Message::parse(R"({"w0001":[[1,1]]})"));
  folder_.write("w0001.log", "b01 w0001 1\nb01 w0001 2\nb01 w");
  EXPECT_EQ(rows("b01"), Message::parse(R"({"w0001":[[1,2]]})"));
  folder_.write("w0001.log", "b01 w0001 1");
  EXPECT_EQ(rows("b01"), Message::object());
}

TEST_F(Acknowledged, AnEmptyLogSaysNothing) {
  folder_.write("w0001.log", "");
  EXPECT_EQ(rows("b01"), Message::object());
}

TEST_F(Acknowledged, ABoardThatNobodyWroteToHasNoRows) {
  EXPECT_EQ(read_acknowledged(folder_.path(), {"b01"}),
            Message::parse(R"([{"board":"b01","ok":true,"rows":{}}])"));
  EXPECT_EQ(read_acknowledged(folder_.path(), {}), Message::array());
}

TEST_F(Acknowledged, NumbersAreSortedAndCountOnce) {
  folder_.write("w0001.log", "b01 w0001 9\nb01 w0001 2\nb01 w0001 10\nb01 w0001 2\n");
  EXPECT_EQ(rows("b01"), Message::parse(R"({"w0001":[[2,2],[9,10]]})"));
}

TEST_F(Acknowledged, WithoutItsFolderNothingIsKnown) {
  EXPECT_THROW(read_acknowledged(folder_.path() / "none", {"b01"}), std::system_error);
}

}  // namespace
}  // namespace walsoak::lab
