// How often trend_of() calls a made-up pool a leak, healthy and with a leak of one in 500 ticks beside it:
// the figures of docs/trends.md. Seeds from 50,000 up are for choosing a method, those below for its test.
//
//   trend_study [series of each kind] [first seed] [level]
#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "harness/evidence/stats/trend.h"
#include "tests/stats/trend_series.h"

namespace {

using walsoak::stats::kTrendLevel;
using walsoak::stats::Side;
using walsoak::stats::Trend;
using walsoak::stats::trend_of;

struct Tally {
  std::map<std::string, int> shapes;
  int claims = 0;

  void add(const Trend& trend) {
    ++shapes[name_of(trend.shape)];
    claims += trend.grows() ? 1 : 0;
  }
  std::string text() const {
    std::string result;
    for (const auto& [name, count] : shapes) result += fmt::format("  {} {}", name, count);
    return result;
  }
};

Tally tally(int series, std::uint64_t seed, double level, double coefficient, double deviation,
            std::int64_t ticks, std::int64_t leak_every) {
  Tally result;
  for (int i = 0; i < series; ++i) {
    // Thousands apart from one kind to the next.
    const std::uint64_t own =
        seed + static_cast<std::uint64_t>(i) + static_cast<std::uint64_t>(coefficient * 100) * 1'000'003 +
        static_cast<std::uint64_t>(deviation) * 77'777 + static_cast<std::uint64_t>(leak_every) * 10'000'019;
    result.add(trend_of(walsoak::testing::pool_bins(ticks, coefficient, deviation, own, leak_every),
                        Side::troughs, level));
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  const int series = argc > 1 ? std::atoi(argv[1]) : 100;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  const double level = argc > 3 ? std::atof(argv[3]) : kTrendLevel;
  if (series < 1 || level <= 0 || level >= 1) {
    fmt::print(stderr, "trend_study: at least one series, and a level between 0 and 1\n");
    return 3;
  }
  int alarms = 0, found = 0, kinds = 0;
  for (const double coefficient : walsoak::testing::kCoefficients) {
    for (const double deviation : walsoak::testing::kDeviations) {
      const Tally healthy = tally(series, seed, level, coefficient, deviation, 2000, 0);
      const Tally leaking = tally(series, seed, level, coefficient, deviation, 5000, 500);
      fmt::print("coefficient {:.2f} deviation {:.0f}  healthy:{}  |  leaking:{}\n", coefficient, deviation,
                 healthy.text(), leaking.text());
      alarms += healthy.claims;
      found += leaking.claims;
      ++kinds;
    }
  }
  const int all = kinds * series;
  fmt::print("level {}: {} false alarms in {} healthy series of 2,000 ticks; {} of {} leaks found in 5,000\n",
             level, alarms, all, found, all);
  return 0;
}
