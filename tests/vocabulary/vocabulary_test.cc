#include "harness/model/vocabulary/vocabulary.h"

#include <gmock/gmock.h>

namespace walsoak {
namespace {

TEST(Vocabulary, FindingsStandInTheOrderInWhichTheyAreTried) {
  EXPECT_THAT(finding_names(), testing::ElementsAre("data loss", "wedged", "leak", "bounded growth", "churn",
                                                    "clean", "unknown"));
}

TEST(Vocabulary, MechanismsAreThoseThatAreDocumented) {
  EXPECT_THAT(mechanism_names(),
              testing::ElementsAre("unclosed connection", "deferred collection", "zombie connection",
                                   "parked descriptors", "connection per thread", "lock lost",
                                   "split generation", "stale checkpoint", "checkpoint starvation",
                                   "descriptor exhaustion", "replaced board", "sidecar churn"));
}

}  // namespace
}  // namespace walsoak
