// per-tick: open, use, close. What the dispatcher did in May 2026, and the baseline of every comparison.
#include "strategies/strategy.h"

namespace walsoak {
namespace {

class PerTick final : public Strategy {
 public:
  explicit PerTick(Host& host) : host_(host) {}

  bool use(const board::Board& board, sqlite::Actor actor, const Work& work) override {
    const auto connection = host_.connect(board, actor);
    work(*connection);
    connection->close();
    return true;
  }

 private:
  Host& host_;
};

const Registration registration({.name = "per-tick",
                                 .summary = "opens a connection for each use and closes it"},
                                [](Host& host) { return std::make_unique<PerTick>(host); });

}  // namespace
}  // namespace walsoak
