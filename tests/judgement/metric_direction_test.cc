// The table of directions against the names of all metrics.
#include "harness/judgement/finding/metric_direction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "harness/judgement/finding/metrics.h"

namespace walsoak::judgement {
namespace {

TEST(MetricDirectionTest, EveryMetricIsInTheTableAndNoOther) {
  std::set<std::string> listed, known;
  for (const std::string& name : metric_names()) listed.insert(name);
  for (const std::string& name : free_running_metric_names()) listed.insert(name);
  for (const auto& [name, kind] : metric_kinds()) known.insert(name);
  EXPECT_EQ(known, listed);
}

TEST(MetricDirectionTest, TimesAndSizesAreMeasured) {
  for (const auto& [name, kind] : metric_kinds()) {
    const bool time = name.find("_us") != std::string::npos;
    const bool size = name.find("bytes") != std::string::npos;
    EXPECT_EQ(kind.nature == Nature::measured, time || size) << name;
  }
}

TEST(MetricDirectionTest, WhatCountsHasItsDirection) {
  const auto& kinds = metric_kinds();
  EXPECT_EQ(kinds.at("lost_commits").direction, Direction::lower);
  EXPECT_EQ(kinds.at("acknowledged").direction, Direction::higher);
  EXPECT_EQ(kinds.at("kernel_wal_growth").direction, Direction::lower);
  EXPECT_EQ(kinds.at("lock_main_posix_last").direction, Direction::none);
  EXPECT_EQ(kinds.at("dispatch_p50_us").direction, Direction::lower);
}

}  // namespace
}  // namespace walsoak::judgement
