// The estimate of a run's duration: grows with what there is to do.
#include <gtest/gtest.h>

#include "harness/lab/run/run.h"

namespace walsoak::lab {
namespace {

double estimate(const nlohmann::json& changes, int cells = 1, int repeat = 1) {
  scenario::Scenario scenario;
  for (int i = 0; i < cells; ++i) {
    scenario::Cell cell;
    cell.settings = default_settings();
    if (!changes.empty()) cell.settings.update(changes);
    scenario.cells.push_back(cell);
  }
  return estimated_seconds(scenario, 1, repeat);
}

TEST(Estimate, GrowsWithWhatThereIsToDo) {
  const double base = estimate({});
  EXPECT_GT(base, 0);
  EXPECT_GT(estimate({{"ticks", 600}}), base);
  EXPECT_GT(estimate({{"boards", 10}}), base);
  EXPECT_GT(estimate({{"workers", 10}}), base);
  EXPECT_GT(estimate({{"notifier", 10}}), base);
  EXPECT_GT(estimate({{"subject", "python"}}), base);
  EXPECT_DOUBLE_EQ(estimate({}, 3), 3 * base);
  EXPECT_DOUBLE_EQ(estimate({}, 1, 5), 5 * base);
}

TEST(Estimate, OfNoCellIsZero) {
  EXPECT_EQ(estimate({}, 0), 0);
}

}  // namespace
}  // namespace walsoak::lab
