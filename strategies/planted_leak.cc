// planted-leak: per-tick plus one kept connection every `leak_every` dispatch passes over the first board.
// The positive control of every run: a gate that does not find this integer finds nothing.
#include "strategies/strategy.h"

namespace walsoak {
namespace {

class PlantedLeak final : public Strategy {
 public:
  explicit PlantedLeak(Host& host) : host_(host) {}

  bool use(const board::Board& board, sqlite::Actor actor, const Work& work) override {
    const auto connection = host_.connect(board, actor);
    work(*connection);
    connection->close();
    const std::int64_t every = host_.settings().leak_every;
    if (board.index == 0 && actor == sqlite::Actor::dispatcher && every > 0 && ++passes_ % every == 0) {
      kept_.push_back(host_.connect(board, actor));
      // Without a read it would hold neither a lock nor a -wal.
      kept_.back()->value("planted read", "SELECT count(*) FROM sqlite_master");
    }
    return true;
  }

  void close_all() override { kept_.clear(); }

 private:
  Host& host_;
  std::int64_t passes_ = 0;
  std::vector<std::unique_ptr<sqlite::Connection>> kept_;
};

const Registration registration(
    {.name = "planted-leak",
     .summary = "per-tick, and keeps one connection every leak_every ticks: the positive control",
     .affinity = sqlite::Affinity::any_thread_close},
    [](Host& host) { return std::make_unique<PlantedLeak>(host); });

}  // namespace
}  // namespace walsoak
