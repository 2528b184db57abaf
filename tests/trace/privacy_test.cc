#include "harness/field/trace/privacy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/field/trace/summary.h"

namespace walsoak::trace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Summary private_summary() {
  Summary summary;
  summary.programs = {"/home/jane/venv/bin/python3"};
  summary.connections["/srv/acme/salaries.db"].opened = 2;
  summary.connections[kNoName].opened = 1;
  summary.unseen = {"/home/jane/lib/bundled.so"};
  LossSite site;
  site.path = "/srv/acme/salaries.db-shm";
  site.place = {"/home/jane/gateway.py:7 in look",
                "/home/jane/venv/lib/libpython3.so",
                {"/home/jane/gateway.py:9 in main"}};
  site.threads = {"jane-worker", "pool"};
  summary.losses = {site};
  summary.connections["/srv/acme/salaries.db"].sites.push_back({.place = site.place});
  summary.failures = {{"/srv/acme/other.db", "sqlite3_open", 14, site.place, 1}};
  summary.inherited = {{"/srv/acme/salaries.db", "sqlite3_step", site.place, 1}};
  summary.unseen_calls = {{"/home/jane/lib/tool", "so"}};
  summary.unfollowed = {{7, "/home/jane/bin/server", "still runs"}};
  return summary;
}

const record::Identity kJane{"bighost", "jane", "/home/jane"};

TEST(TracePrivacy, DatabasesAndNamesOfTheMachineAreHidden) {
  const Summary shown = without_private_names(private_summary(), kJane);
  const std::string text = text_of(shown, "") + json_of(shown).dump();
  EXPECT_THAT(text, Not(HasSubstr("jane/")));
  EXPECT_THAT(text, Not(HasSubstr("acme")));
  EXPECT_EQ(shown.losses[0].path, "db2-shm");
  EXPECT_EQ(shown.losses[0].place.at, "~/gateway.py:7 in look");
  EXPECT_EQ(shown.connections.at("db2").opened, 2);
  EXPECT_EQ(shown.connections.at(kNoName).opened, 1);
  EXPECT_THAT(shown.programs, ElementsAre("~/venv/bin/python3"));
}

TEST(TracePrivacy, ADeletedSidecarIsItsDatabases) {
  Summary summary;
  summary.connections["/a.db"].opened = 1;
  LossSite site;
  site.path = "/a.db-shm (deleted)";
  summary.losses = {site};
  const Summary shown = without_private_names(summary, kJane);
  EXPECT_EQ(shown.losses[0].path, "db1-shm (deleted)");
}

TEST(TracePrivacy, NamesArePathsInOrderAndTheSameAllOver) {
  Summary summary;
  summary.attached = true;
  summary.locked = {"/z.db", "/b.db"};
  LossSite site;
  site.path = "/z.db";
  summary.losses = {site};
  const Summary shown = without_private_names(summary, kJane);
  EXPECT_THAT(shown.locked, ElementsAre("db2", "db1"));
  EXPECT_EQ(shown.losses[0].path, "db2");
}

}  // namespace
}  // namespace walsoak::trace
