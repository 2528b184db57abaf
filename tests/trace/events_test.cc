#include "harness/field/trace/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "harness/field/trace/summary.h"

namespace walsoak::trace {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Summary of(const std::string& lines) {
  std::istringstream stream(lines);
  return summarise(stream);
}

std::string process(int pid) {
  return R"({"event":"process","program":"/bin/p","pid":)" + std::to_string(pid) + "}\n";
}
std::string open(int pid, int number, int code = 0) {
  return R"({"event":"open","path":"/d/a.db","pid":)" + std::to_string(pid) + R"(,"connection":)" +
         std::to_string(number) + R"(,"code":)" + std::to_string(code) + "}\n";
}
std::string close(int pid, int number, int code = 0, bool zombie = false) {
  return R"({"event":"close","pid":)" + std::to_string(pid) + R"(,"connection":)" + std::to_string(number) +
         R"(,"code":)" + std::to_string(code) + R"(,"zombie":)" + (zombie ? "true" : "false") + "}\n";
}
std::string loss(const std::string& python, const std::string& more = "") {
  return R"({"event":"lock_loss","path":"/d/a.db","file":"main","call":"close","thread":"t")" + more +
         R"(,"stack":[{"module":"/lib/x.so","offset":"0x12","symbol":"f"},{"module":null,"offset":"0x34"}])" +
         python + "}\n";
}

TEST(TraceEvents, ConnectionsBalanceByProcessAndNumber) {
  const Summary summary = of(process(1) + open(1, 1) + open(1, 2) + process(2) + open(2, 1) + close(1, 2) +
                             close(2, 1, 0, true) + close(2, 1) + open(2, 2, 14));
  const ConnectionCounts& counts = summary.connections.at("/d/a.db");
  EXPECT_EQ(counts.opened, 3);
  EXPECT_EQ(counts.closed, 2);
  EXPECT_EQ(counts.zombies, 1);
  EXPECT_EQ(counts.failed, 1);
  EXPECT_EQ(counts.open_at_end(), 1);
}

TEST(TraceEvents, AConnectionThatIsBusyStaysOpen) {
  EXPECT_EQ(of(open(1, 1) + close(1, 1, 5)).connections.at("/d/a.db").open_at_end(), 1);
}

TEST(TraceEvents, ADifferentProgramInTheSameProcessDoesNotCloseWhatWasBefore) {
  const Summary summary = of(process(1) + open(1, 1) + process(1) + close(1, 1));
  EXPECT_EQ(summary.connections.at("/d/a.db").closed, 0);
  EXPECT_THAT(summary.programs, ElementsAre("/bin/p", "/bin/p"));
}

TEST(TraceEvents, LossesAreGroupedByPlacePythonFirst) {
  const std::string line7 =
      R"(,"python":[{"file":"x.py","line":7,"function":"look"},{"file":"x.py","line":9,"function":"<module>"}])";
  const Summary summary = of(loss(line7) + loss(line7) + loss(""));
  ASSERT_EQ(summary.losses.size(), 2U);
  EXPECT_EQ(summary.losses[0].times, 2);
  EXPECT_EQ(summary.losses[0].place, "x.py:7 in look");
  EXPECT_EQ(summary.losses[0].module, "/lib/x.so");
  EXPECT_THAT(summary.losses[0].rest, ElementsAre("x.py:9 in <module>"));
  EXPECT_EQ(summary.losses[1].place, "f (/lib/x.so+0x12)");
  EXPECT_THAT(summary.losses[1].rest, ElementsAre("no module+0x34"));
}

TEST(TraceEvents, ASiteIsGuardedOnlyIfEachLossWas) {
  EXPECT_TRUE(of(loss("", R"(,"guarded":true)")).losses[0].guarded);
  EXPECT_FALSE(of(loss("", R"(,"guarded":true)") + loss("", R"(,"guarded":false)")).losses[0].guarded);
}

TEST(TraceEvents, WhatIsNoEventIsCounted) {
  const Summary summary = of("{\"event\":\"open\",\"pa\n[]\n\n{\"event\":\"of a later version\"}\n");
  EXPECT_EQ(summary.unreadable_lines, 2);
  EXPECT_THAT(text_of(summary, ""), HasSubstr("2 lines of the events cannot be read"));
}

TEST(TraceSummary, SaysWhatALossMeansOnlyWhereThereIsOne) {
  const std::string none = text_of(of(process(1)), "e.jsonl");
  EXPECT_THAT(none, HasSubstr("connections: none seen\nlock losses: none seen\nevents: e.jsonl\n"));
  EXPECT_THAT(none, Not(HasSubstr("howtocorrupt")));
  const std::string some = text_of(of(loss("")), "");
  EXPECT_THAT(some, HasSubstr("lock losses: 1\n  /d/a.db: close once, at f (/lib/x.so+0x12)\n"));
  EXPECT_THAT(some, HasSubstr("howtocorrupt"));
}

TEST(TraceSummary, APathAddsNeitherLinesNorControls) {
  const std::string open_one =
      R"({"event":"open","path":"/d/\u001b[2J\n::error::x.db","pid":1,"connection":1,"code":0})";
  EXPECT_THAT(text_of(of(open_one + "\n"), "e\n.jsonl"),
              AllOf(HasSubstr("connections to /d/\\x1b[2J\\n::error::x.db: 1 opened"),
                    HasSubstr("events: e\\n.jsonl\n"), Not(HasSubstr("\x1b"))));
}

TEST(TraceSummary, JsonHoldsTheSame) {
  const auto json = json_of(of(process(1) + open(1, 1) + loss("")));
  EXPECT_EQ(json["connections"][0]["open_at_end"], 1);
  EXPECT_EQ(json["lock_losses"][0]["mechanism"], "lock lost");
  EXPECT_EQ(json["lock_losses"][0]["threads"], nlohmann::ordered_json({"t"}));
}

}  // namespace
}  // namespace walsoak::trace
