// breathing-pool: a pool on the first board whose size wanders from tick to tick around `pool_size`, as a
// healthy program's does under changing load, and, with `leak_every`, one more connection that never comes
// back every so many ticks. A control for long runs: a gate that takes the one for a leak, or misses the
// other, tells nothing.
#include <cmath>
#include <numbers>

#include "harness/base/shared/seeded.h"
#include "strategies/strategy.h"

namespace walsoak {
namespace {

// Of the number of open connections around its mean.
constexpr double kDeviation = 2;

// An AR(1) process around zero whose values have the standard deviation `kDeviation`; normal values by Box &
// Muller (1958).
class Load {
 public:
  Load(std::uint64_t seed, double coefficient)
      : random_(seed, "breathing-pool"), coefficient_(coefficient), level_(kDeviation * normal()) {}

  double next() {
    level_ = coefficient_ * level_ + kDeviation * std::sqrt(1 - coefficient_ * coefficient_) * normal();
    return level_;
  }

 private:
  // In (0, 1].
  double uniform() { return static_cast<double>((random_.next() >> 11) + 1) * 0x1.0p-53; }
  double normal() {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

  Seeded random_;
  double coefficient_;
  double level_;
};

class BreathingPool final : public Strategy {
 public:
  explicit BreathingPool(Host& host)
      : host_(host), load_(host.settings().seed, host.settings().pool_coefficient) {}

  bool use(const board::Board& board, sqlite::Actor actor, const Work& work) override {
    if (board.index == 0 && actor == sqlite::Actor::dispatcher) breathe(board);
    if (board.index == 0 && !pool_.empty()) {
      work(*pool_.back());
      return true;
    }
    const auto connection = host_.connect(board, actor);
    work(*connection);
    connection->close();
    return true;
  }

  void forget(const board::Board& board) override {
    if (board.index == 0) shrink_to(0);
  }

  void close_all() override {
    shrink_to(0);
    for (const auto& connection : kept_) connection->close();
    kept_.clear();
  }

 private:
  using Owned = std::unique_ptr<sqlite::Connection>;

  void breathe(const board::Board& board) {
    const double size = static_cast<double>(host_.settings().pool_size) + load_.next();
    const auto target = static_cast<std::size_t>(std::max(0LL, std::llround(size)));
    while (pool_.size() < target) pool_.push_back(opened(board));
    shrink_to(target);
    const std::int64_t every = host_.settings().leak_every;
    if (every > 0 && ++passes_ % every == 0) kept_.push_back(opened(board));
  }

  // One that holds the -wal, as after any use.
  Owned opened(const board::Board& board) {
    Owned connection = host_.connect(board, sqlite::Actor::dispatcher);
    connection->value("pool read", "SELECT count(*) FROM sqlite_master");
    return connection;
  }

  void shrink_to(std::size_t target) {
    while (pool_.size() > target) {
      pool_.back()->close();
      pool_.pop_back();
    }
  }

  Host& host_;
  Load load_;
  std::int64_t passes_ = 0;
  std::vector<Owned> pool_, kept_;
};

const Registration registration(
    {.name = "breathing-pool",
     .summary = "a pool whose size wanders, and a slow leak beside it (leak_every): a "
                "control for trends",
     .executor = Executor::dedicated,
     .holds_connections = true},
    [](Host& host) { return std::make_unique<BreathingPool>(host); });

}  // namespace
}  // namespace walsoak
