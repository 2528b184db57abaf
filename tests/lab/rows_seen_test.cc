// Rows in mid-cell: of those acknowledged, how many each look found; unknown where it could not look.
#include "harness/lab/session/rows_seen.h"

#include <gtest/gtest.h>

namespace walsoak::lab {
namespace {

using protocol::Message;

Message boards(const char* rows) {
  return Message::parse(std::string(R"([{"board":"b01","ok":true,"rows":)") + rows + "}]");
}

Message line(const Message& acknowledged, const Message& inside, const Message& outside) {
  return rows_line(7, {"b01"}, acknowledged, inside, outside);
}

TEST(RowsSeen, CountsOfTheAcknowledgedRowsThoseThatEachLookFound) {
  EXPECT_EQ(
      line(boards(R"({"dispatcher":[[1,10]],"w0001":[[1,3]]})"),
           boards(R"({"dispatcher":[[1,10]],"w0001":[[1,1]]})"), boards(R"({"dispatcher":[[1,4],[9,9]]})")),
      Message::parse(R"({"type":"rows","tick":7,
                               "boards":{"b01":{"acknowledged":13,"inside":11,"outside":5}}})"));
}

TEST(RowsSeen, ARowThatWasNotAcknowledgedDoesNotMakeUpForOneThatWas) {
  const Message acknowledged = boards(R"({"w0001":[[1,3]]})");
  const Message seen = boards(R"({"w0001":[[2,9]],"w0002":[[1,5]]})");
  EXPECT_EQ(line(acknowledged, seen, seen).at("boards").at("b01"),
            Message::parse(R"({"acknowledged":3,"inside":2,"outside":2})"));
}

TEST(RowsSeen, WhoCouldNotLookKnowsNoNumber) {
  const Message acknowledged = boards(R"({"w0001":[[1,3]]})");
  const Message failed = Message::parse(
      R"([{"board":"b01","ok":false,"error":{"code":522,"message":"disk I/O error","where":"x","app":null}}])");
  const Message idle = Message::parse(R"([{"board":"b01","ok":true,"looked":false}])");
  EXPECT_EQ(line(acknowledged, failed, acknowledged).at("boards").at("b01"),
            Message::parse(R"({"acknowledged":3,"inside":null,"outside":3})"));
  EXPECT_EQ(line(acknowledged, idle, failed).at("boards").at("b01"),
            Message::parse(R"({"acknowledged":3,"inside":null,"outside":null})"));
}

TEST(RowsSeen, BoardsAreToldApart) {
  const Message two = Message::parse(R"([{"board":"b01","ok":true,"rows":{"dispatcher":[[1,2]]}},
                                         {"board":"b02","ok":true,"rows":{"dispatcher":[[1,5]]}}])");
  const Message rows = rows_line(0, {"b01", "b02"}, two, two, two).at("boards");
  EXPECT_EQ(rows.at("b01").at("outside"), 2);
  EXPECT_EQ(rows.at("b02").at("outside"), 5);
}

}  // namespace
}  // namespace walsoak::lab
