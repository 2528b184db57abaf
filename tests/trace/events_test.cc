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
std::string end(int pid) {
  return R"({"event":"end","pid":)" + std::to_string(pid) + "}\n";
}
std::string open(int pid, int number, int code = 0) {
  return R"({"event":"open","path":"/d/a.db","pid":)" + std::to_string(pid) + R"(,"connection":)" +
         std::to_string(number) + R"(,"code":)" + std::to_string(code) + "}\n";
}
std::string close(int pid, int number, int code = 0, bool zombie = false) {
  return R"({"event":"close","pid":)" + std::to_string(pid) + R"(,"connection":)" + std::to_string(number) +
         R"(,"code":)" + std::to_string(code) + R"(,"zombie":)" + (zombie ? "true" : "false") + "}\n";
}
std::string freed(int pid, int number) {
  return R"({"event":"close","pid":)" + std::to_string(pid) + R"(,"connection":)" + std::to_string(number) +
         R"(,"code":0,"zombie":null,"at_exit":true})" + "\n";
}
// As `line`, from a line of a script.
std::string at(const std::string& line, int number) {
  return line.substr(0, line.rfind('}')) + R"(,"python":[{"file":"x.py","line":)" + std::to_string(number) +
         R"(,"function":"f"}]})" + "\n";
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

TEST(TraceEvents, WhatTheInterpreterFreesAtItsExitWasNotClosed) {
  const Summary summary = of(process(1) + at(open(1, 1), 7) + at(open(1, 2), 7) + at(open(1, 3), 9) +
                             close(1, 1) + at(open(1, 4), 7) + freed(1, 2) + freed(1, 3) + end(1));
  const ConnectionCounts& counts = summary.connections.at("/d/a.db");
  EXPECT_EQ(counts.opened, 4);
  EXPECT_EQ(counts.closed, 1);
  EXPECT_EQ(counts.freed_at_exit, 2);
  EXPECT_EQ(counts.open_at_end(), 1);
  EXPECT_EQ(counts.peak, 3);
  ASSERT_EQ(counts.sites.size(), 2U);
  EXPECT_EQ(counts.sites[0].place.at, "x.py:7 in f");
  EXPECT_EQ(counts.sites[0].left_open(), 2);
  EXPECT_EQ(counts.sites[0].peak, 2);
  const std::string text = text_of(summary, "");
  EXPECT_THAT(text,
              HasSubstr("4 opened, 1 closed, 2 freed only as the interpreter exited, 1 open at the end; at "
                        "most 3 open at once"));
  EXPECT_THAT(text, HasSubstr("opened 3 times, at x.py:7 in f: 2 not closed by the program"));
  EXPECT_TRUE(json_of(summary)["connections"][0]["zombies"].is_null()) << "two closes could not be asked";
}

TEST(TraceEvents, ConnectionsOfAProgramThatIsOverAreNotOpenAtTheNextOnesPeak) {
  EXPECT_EQ(of(process(1) + open(1, 1) + process(1) + open(1, 1)).connections.at("/d/a.db").peak, 1);
}

TEST(TraceEvents, FailuresAreGroupedByCodeAndPlace) {
  const std::string failed = R"({"event":"failed_statement","path":"/d/a.db","call":"sqlite3_step","code":10)"
                             R"(,"extended_code":522,"times":3})";
  const Summary summary = of(at(failed, 4) + at(failed, 4) + at(open(1, 0, 14), 5));
  ASSERT_EQ(summary.failures.size(), 2U);
  EXPECT_EQ(summary.failures[0].times, 6);
  EXPECT_EQ(summary.connections.at("/d/a.db").failed, 1);
  EXPECT_THAT(text_of(summary, ""),
              AllOf(HasSubstr("failed 6 times: sqlite3_step with 522 SQLITE_IOERR_SHORT_READ "
                              "on /d/a.db, at x.py:4 in f\n"),
                    HasSubstr("with 14 SQLITE_CANTOPEN on /d/a.db, at x.py:5 in f\n")));
}

TEST(TraceEvents, AParentsConnectionInAChildIsSaid) {
  const Summary summary =
      of(process(1) + open(1, 1) + R"({"event":"fork","pid":2,"parent":1})" + "\n" +
         R"({"event":"inherited_connection","pid":2,"path":"/d/a.db","call":"sqlite3_step"})" + "\n" +
         close(2, 1) + end(2) + end(1));
  ASSERT_EQ(summary.inherited.size(), 1U);
  EXPECT_EQ(summary.connections.at("/d/a.db").closed, 0) << "the child closes nothing of its parent's";
  EXPECT_EQ(summary.killed, 0);
  EXPECT_THAT(text_of(summary, ""), HasSubstr("a forked child used its parent's connection to /d/a.db"));
}

TEST(TraceEvents, WhatIsNotSeenIsSaidAndNeverNone) {
  const std::string unseen =
      R"({"event":"unseen_calls","object":"/lib/x.so","why":"so"})" + std::string("\n");
  const Summary summary = of(process(1) + unseen + unseen + end(1));
  EXPECT_EQ(summary.unseen_calls.size(), 1U);
  EXPECT_THAT(text_of(summary, ""), AllOf(HasSubstr("calls of /lib/x.so are not all seen: so"),
                                          Not(HasSubstr("none seen\nevents"))));
  EXPECT_THAT(text_of(summary, ""), HasSubstr("lock losses: none in the calls that were seen"));
}

TEST(TraceEvents, AProcessThatDoesNotSayThatItEndsWasKilled) {
  EXPECT_EQ(of(process(1) + process(2) + end(1)).killed, 1);
  EXPECT_THAT(text_of(of(process(1)), ""), HasSubstr("1 process ended by a signal"));
}

TEST(TraceEvents, LossesAreGroupedByPlacePythonFirst) {
  const std::string line7 =
      R"(,"python":[{"file":"x.py","line":7,"function":"look"},{"file":"x.py","line":9,"function":"<module>"}])";
  const Summary summary = of(loss(line7) + loss(line7) + loss(""));
  ASSERT_EQ(summary.losses.size(), 2U);
  EXPECT_EQ(summary.losses[0].times, 2);
  EXPECT_EQ(summary.losses[0].place.at, "x.py:7 in look");
  EXPECT_EQ(summary.losses[0].place.module, "/lib/x.so");
  EXPECT_THAT(summary.losses[0].place.rest, ElementsAre("x.py:9 in <module>"));
  EXPECT_EQ(summary.losses[1].place.at, "f (/lib/x.so+0x12)");
  EXPECT_THAT(summary.losses[1].place.rest, ElementsAre("no module+0x34"));
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
  const std::string none = text_of(of(process(1) + end(1)), "e.jsonl");
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
