// Made-up series for tests and for the study of power and false alarms: pools that breathe, and leaks beside
// them. The same seed gives the same series everywhere: nothing here draws by a library's own distribution.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <optional>
#include <random>

#include "harness/evidence/stats/bins.h"

namespace walsoak::testing {

// Standard normal values (Box & Muller 1958).
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : engine_(seed) {}
  double operator()() {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  // In (0, 1]: 53 bits of the engine.
  double uniform() { return static_cast<double>((engine_() >> 11) + 1) / 9007199254740992.0; }

  std::mt19937_64 engine_;
};

// Connections in use by a healthy pool: an AR(1) process around `mean` whose values have the standard
// deviation `deviation` (not its innovations), in whole descriptors, never below 0.
class Pool {
 public:
  Pool(double coefficient, double deviation, std::uint64_t seed, double mean = 8)
      : coefficient_(coefficient),
        innovation_(deviation * std::sqrt(1 - coefficient * coefficient)),
        mean_(mean),
        normal_(seed),
        level_(deviation * normal_()) {}
  std::int64_t next() {
    const std::int64_t value = std::max<std::int64_t>(0, std::llround(mean_ + level_));
    level_ = coefficient_ * level_ + innovation_ * normal_();
    return value;
  }

 private:
  double coefficient_, innovation_, mean_;
  Normal normal_;
  double level_;
};

// The bins of ticks 0 to `ticks`-1 with what `at(tick)` gives; nothing is a sample whose value is not known.
inline stats::Bins bins_of(std::int64_t ticks, const std::function<Count(std::int64_t)>& at) {
  stats::Bins bins;
  for (std::int64_t tick = 0; tick < ticks; ++tick) bins.add(tick, at(tick));
  return bins;
}

// A pool, with a leak of one descriptor in so many ticks beside it (0: none).
inline stats::Bins pool_bins(std::int64_t ticks, double coefficient, double deviation, std::uint64_t seed,
                             std::int64_t leak_every = 0) {
  Pool pool(coefficient, deviation, seed);
  return bins_of(ticks,
                 [&](std::int64_t tick) { return pool.next() + (leak_every > 0 ? tick / leak_every : 0); });
}

// The healthy pools of the study: every coefficient with every deviation.
inline constexpr double kCoefficients[] = {0, 0.5, 0.9, 0.98};
inline constexpr double kDeviations[] = {1, 2, 3, 4};

}  // namespace walsoak::testing
