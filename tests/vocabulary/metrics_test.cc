// The table of metrics: names, directions and meanings.
#include "harness/model/vocabulary/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace walsoak {
namespace {

TEST(MetricsTable, IsSortedAndHasEachNameOnce) {
  const auto table = metrics_table();
  EXPECT_TRUE(std::is_sorted(table.begin(), table.end(),
                             [](const MetricInfo& a, const MetricInfo& b) { return a.name < b.name; }));
  std::set<std::string> names;
  for (const MetricInfo& info : table) EXPECT_TRUE(names.insert(info.name).second) << info.name;
}

TEST(MetricsTable, EachHasANameOfTheirFormAndAMeaning) {
  for (const MetricInfo& info : metrics_table()) {
    EXPECT_TRUE(is_metric_name(info.name)) << info.name;
    EXPECT_FALSE(info.meaning.empty()) << info.name;
    EXPECT_FALSE(info.meaning.ends_with('.')) << info.name;
  }
}

TEST(MetricsTable, TimesAndSizesAreMeasuredAndHaveAUnit) {
  for (const MetricInfo& info : metrics_table()) {
    const bool time = info.name.find("_us") != std::string::npos;
    const bool size = info.name.find("bytes") != std::string::npos;
    EXPECT_EQ(info.nature == Nature::measured, time || size) << info.name;
    EXPECT_EQ(info.unit == "us", time) << info.name;
    EXPECT_EQ(info.unit == "bytes", size) << info.name;
  }
}

TEST(MetricsTable, AGrowthIsBetterLowerOrHasNoBetterWay) {
  for (const MetricInfo& info : metrics_table()) {
    if (info.name.ends_with("_growth")) {
      EXPECT_NE(info.better, Direction::higher) << info.name;
    }
    if (info.name.ends_with("_first")) {
      EXPECT_EQ(info.better, Direction::none) << info.name;
    }
  }
  EXPECT_EQ(find_metric("lost_commits")->better, Direction::lower);
  EXPECT_EQ(find_metric("acknowledged")->better, Direction::higher);
  EXPECT_EQ(find_metric("kernel_wal_growth")->better, Direction::lower);
  EXPECT_EQ(find_metric("lock_main_posix_last")->better, Direction::none);
  EXPECT_EQ(find_metric("dispatch_p50_us")->better, Direction::lower);
}

TEST(MetricsTable, FreeRunningOnesAreNamedApart) {
  EXPECT_FALSE(find_metric("lost_commits")->free_running);
  EXPECT_TRUE(find_metric("tick_p99_us")->free_running);
  EXPECT_TRUE(find_metric("dispatcher_2_failed")->free_running);
  EXPECT_EQ(metric_names(false).size() + metric_names(true).size(), metrics_table().size());
}

TEST(MetricsTable, NamesHaveAForm) {
  for (const char* good : {"a", "wal_unlinked", "p99"}) EXPECT_TRUE(is_metric_name(good)) << good;
  for (const char* bad : {"", "_a", "9a", "Lost", "a-b", "a b"}) EXPECT_FALSE(is_metric_name(bad)) << bad;
}

}  // namespace
}  // namespace walsoak
