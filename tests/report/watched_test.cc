#include "harness/report/blocks/watched.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judgement/verdict/summarise.h"
#include "harness/report/render/report.h"

namespace walsoak::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A watch of one segment in which db2 grows by a connection a sample and db10 stays.
Json summary_of_watch(bool grows) {
  facts::CellFacts facts;
  const Json settings = {{"mode", "watch"}, {"every_s", 60}, {"peek", false}};
  facts.accept({{"type", "header"},
                {"settings", settings},
                {"subject", {{"command", "python3"}, {"pid", 4711}, {"start_time", "2026-11-24T04:00:00Z"}}},
                {"boards", {{{"name", "db2"}, {"path", "/home/kim/secret.db"}}}}});
  for (int tick = 0; tick < 6; ++tick) {
    const int more = grows ? tick : 0;
    facts.accept(
        {{"type", "sample"},
         {"tick", tick},
         {"t_us", tick * 60000000LL},
         {"quiet", true},
         {"boards",
          {{"db10", {{"kernel_main", 1}, {"kernel_wal", 1}, {"kernel_shm", 1}, {"kernel_journal", 0}}},
           {"db2",
            {{"kernel_main", 2 + more},
             {"kernel_wal", 2 + more},
             {"kernel_shm", 1},
             {"kernel_journal", 0}}}}},
         {"process", {{"descriptors", 30 + 2 * more}, {"descriptor_limit", 1024}}}});
  }
  facts.accept({{"type", "end"}, {"reason", "process ended"}});
  judgement::CellIdentity cell{"w01", settings, Json::object(), nullptr, "done"};
  judgement::RunIdentity run;
  run.title = "Watching python3 (pid 4711)";
  run.state = "done";
  run.environment = {{"hostname", "box"}, {"user", "kim"}, {"home", "/home/kim"}};
  return judgement::summarise(run, {judgement::conclude(cell, facts, Expectation())});
}

TEST(WatchReport, SaysFirstWhatWasWatchedHowLongHowOftenAndWhatGrew) {
  const std::string text = report_markdown(summary_of_watch(true), {});
  const std::string opening = text.substr(0, text.find("## Segments"));
  EXPECT_THAT(
      opening,
      AllOf(HasSubstr("python3 (pid 4711"), HasSubstr("for 5 min, every 60 s"), HasSubstr("samples: 6"),
            HasSubstr("end: process ended"), HasSubstr("db2 (main 2 to 7, wal 2 to 7) grew"),
            HasSubstr("descriptors: 30 to 40, limit 1024"), HasSubstr("**Answer. Finding: leak (")));
  EXPECT_THAT(text, HasSubstr("Rows were not looked at"));
  EXPECT_THAT(
      text, AllOf(Not(HasSubstr("secret")), Not(HasSubstr("No cell lost data")), Not(HasSubstr("lockstep"))));
  EXPECT_LT(text.find("| db2 |"), text.find("| db10 |"));
}

TEST(WatchReport, SaysThatNothingGrew) {
  const std::string text = watch_text(summary_of_watch(false));
  EXPECT_THAT(text, AllOf(HasSubstr("no database's descriptors grew"), HasSubstr("Finding: clean"),
                          Not(HasSubstr("**"))));
}

TEST(WatchReport, IsNoReportOfARun) {
  EXPECT_TRUE(is_watch(summary_of_watch(true)));
  EXPECT_FALSE(is_watch({{"cells", Json::array()}}));
}

}  // namespace
}  // namespace walsoak::report
