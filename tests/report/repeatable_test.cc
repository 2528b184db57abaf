// "Repeat it" prints the settings of a run and no path of its machine.
#include "harness/report/text/repeatable.h"

#include <gtest/gtest.h>

namespace walsoak::report {
namespace {

Json repeated(const Json& command) {
  return repeatable({{"command", command}, {"title", "T"}}).at("command");
}

TEST(RepeatableTest, ProgramAndScenarioAreThoseOfAnyCheckout) {
  EXPECT_EQ(
      repeated({"/srv/acme/build/release/walsoak", "run", "/srv/acme/scenarios/mechanism/lock-lost.json",
                "../scenarios/quick.json", "scenarios/trends.json"}),
      Json({"walsoak", "run", "scenarios/mechanism/lock-lost.json", "scenarios/quick.json",
            "scenarios/trends.json"}));
  EXPECT_EQ(repeated({"./walsoak-watch", "watch", "--pid", "4711"}),
            Json({"walsoak-watch", "watch", "--pid", "4711"}));
}

TEST(RepeatableTest, OfTheOptionsThoseStayThatSetSomething) {
  EXPECT_EQ(repeated({"walsoak",
                      "run",
                      "a.json",
                      "--out",
                      "/srv/acme/run",
                      "--set",
                      "ticks=6",
                      "--quiet",
                      "--fix",
                      "pool",
                      "--out=x",
                      "--junit",
                      "w.xml",
                      "--junit=y.xml",
                      "--keep",
                      "--ticks",
                      "9",
                      "--jobs",
                      "4",
                      "--allow-exec"}),
            Json({"walsoak", "run", "a.json", "--set", "ticks=6", "--fix", "pool", "--ticks", "9", "--jobs",
                  "4", "--allow-exec"}));
}

TEST(RepeatableTest, AScenarioOfElsewhereAndARelativePathAreLeftToTheRedaction) {
  const Json command = {"walsoak",
                        "run",
                        "/srv/acme/soak.json",
                        "ci/scenarios/soak.json",
                        "--set",
                        "module=/srv/scenarios/x.json"};
  EXPECT_EQ(repeated(command), command);
}

TEST(RepeatableTest, ASummaryWithoutACommandHasNone) {
  EXPECT_EQ(repeatable({{"title", "T"}}).at("command"), Json::array());
  EXPECT_EQ(repeated({"walsoak", "run", "--out"}), Json({"walsoak", "run"}));
}

}  // namespace
}  // namespace walsoak::report
