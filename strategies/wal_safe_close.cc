// wal-safe-close: per-tick, with a TRUNCATE checkpoint before each close (as proposed in #31130).
#include "strategies/strategy.h"

namespace walsoak {
namespace {

// Checkpoints and closes, on every way out of a use.
class CheckpointedClose {
 public:
  explicit CheckpointedClose(sqlite::Connection& connection) : connection_(connection) {}
  ~CheckpointedClose() {
    // The proposal ignores a failing checkpoint: the close must happen either way.
    sqlite3_exec(connection_.handle(), "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr);
  }
  CheckpointedClose(const CheckpointedClose&) = delete;
  CheckpointedClose& operator=(const CheckpointedClose&) = delete;

 private:
  sqlite::Connection& connection_;
};

class WalSafeClose final : public Strategy {
 public:
  explicit WalSafeClose(Host& host) : host_(host) {}

  bool use(const board::Board& board, sqlite::Actor actor, const Work& work) override {
    const auto connection = host_.connect(board, actor);
    const CheckpointedClose checkpoint(*connection);
    work(*connection);
    return true;
  }

 private:
  Host& host_;
};

const Registration registration(
    {.name = "wal-safe-close", .summary = "per-tick with PRAGMA wal_checkpoint(TRUNCATE) before each close"},
    [](Host& host) { return std::make_unique<WalSafeClose>(host); });

}  // namespace
}  // namespace walsoak
