// What a series of samples that were taken by the clock does over a run: whether it grows, how fast, and how
// slow a growth could have hidden in its own noise. docs/trends.md has the reasons and what was measured.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "harness/evidence/stats/bins.h"
#include "harness/evidence/stats/trend_blocks.h"

namespace walsoak::stats {

// unknown: too little, or too much missing, to say any of the others.
enum class Shape { unknown, flat, leak, step, burst, saw_tooth, drifting_saw_tooth };
const char* name_of(Shape shape);  // "flat", ..., "saw-tooth", "drifting saw-tooth"

// The two-sided level of both the test and the interval. Half of it is growth: by either alone one healthy
// cell in 1,000 would be called a leak, if the noise is what it takes it for; that both halves must rise,
// too, makes it fewer than one in 10,000 (docs/trends.md).
constexpr double kTrendLevel = 0.002;
// Of a run that has fewer nothing is claimed: with the bias of the autocorrelation set right, not even values
// that rise each time would be significant at that level.
constexpr std::size_t kLeastPoints = 20;

// Slopes are in descriptors (or whatever the series counts) per tick.
struct Trend {
  Shape shape = Shape::unknown;
  std::string reason;
  bool undecided = false;  // an unknown shape that more ticks would tell: it grew, but too late in the run

  std::size_t points = 0;
  bool measured = false;       // whether what follows is known
  double slope = 0;            // Theil-Sen
  double low = 0, high = 0;    // its interval at 1 - level
  bool zero_excluded = false;  // from the interval; where values tie `low` may be 0 then
  double growth = 0;           // slope times the ticks of the run
  double tau = 0;              // Kendall's tau-b
  double p = 1;                // two-sided, Mann-Kendall corrected by Hamed & Rao
  double effective_n = 0;      // how many independent points they are worth
  double last_quarter_slope = 0;
  // What the interval would have found in 19 of 20 runs with this noise, this long; never less than one
  // descriptor over the run. Unknown where the points are too alike for an interval.
  std::optional<double> min_detectable_slope;

  bool grows() const { return shape == Shape::leak || shape == Shape::drifting_saw_tooth; }
};

// A leak is claimed only if the test's p is below `level`, the interval lies above 0, the growth exceeds one
// descriptor, both halves rise, and no step or rise that ended accounts better for it; or a rise that began
// before the last quarter and goes on does.
Trend trend_of(const Bins& bins, Side side, double level = kTrendLevel);

}  // namespace walsoak::stats
