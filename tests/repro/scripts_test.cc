// The table of scripts that a build carries: what is found by which name. That the scripts show what they say
// is tested by running them, in tests/python/test_repro.py.
#include "harness/report/repro/scripts.h"

#include <gmock/gmock.h>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;
namespace repro = walsoak::repro;

TEST(Scripts, EachMechanismIsNamedOnce) {
  EXPECT_THAT(repro::mechanisms(),
              ElementsAre("checkpoint-starvation", "connection-per-thread", "deferred-collection",
                          "descriptor-exhaustion", "lock-lost", "parked-descriptors", "replaced-board",
                          "sidecar-churn", "split-generation", "stale-checkpoint", "unclosed-connection",
                          "zombie-connection"));
}

TEST(Scripts, PythonStandsBeforeC) {
  EXPECT_THAT(repro::languages("lock-lost"), ElementsAre("python", "c"));
  EXPECT_THAT(repro::languages("sidecar-churn"), ElementsAre("python"));
  EXPECT_THAT(repro::languages("lock lost"), IsEmpty());
}

TEST(Scripts, AScriptIsFoundByNameAndLanguage) {
  const repro::Script* const python = repro::find("lock-lost", "python");
  const repro::Script* const c = repro::find("lock-lost", "c");
  ASSERT_TRUE(python && c);
  EXPECT_THAT(std::string(python->text), StartsWith("\"\"\"lock-lost: "));
  EXPECT_THAT(std::string(c->text), StartsWith("/* lock-lost: "));
  EXPECT_EQ(repro::find("sidecar-churn", "c"), nullptr);
  EXPECT_EQ(repro::find("lock", "python"), nullptr);
}

TEST(Scripts, ASummaryIsTheFirstLineWithoutTheName) {
  const repro::Script script{"a-name", "c", "/* a-name: what it is: this.\n * and more */\n"};
  EXPECT_EQ(repro::summary(script), "what it is: this.");
}

TEST(Scripts, ANameOfAReportIsHyphenated) {
  EXPECT_EQ(repro::hyphenated("split generation"), "split-generation");
  EXPECT_EQ(repro::hyphenated("split-generation"), "split-generation");
}

}  // namespace
