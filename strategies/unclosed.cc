// unclosed: never closes. The reference goes away and the connection waits for the collector, if there is one
// (setting `collector`): `with connect() as conn:` in Python commits but does not close.
#include "strategies/strategy.h"

namespace walsoak {
namespace {

class Unclosed final : public Strategy {
 public:
  explicit Unclosed(Host& host) : host_(host) {}

  bool use(const board::Board& board, sqlite::Actor actor, const Work& work) override {
    auto connection = host_.connect(board, actor);
    try {
      work(*connection);
    } catch (...) {
      host_.drop(std::move(connection));
      throw;
    }
    host_.drop(std::move(connection));
    return true;
  }

 private:
  Host& host_;
};

const Registration registration({.name = "unclosed",
                                 .summary = "opens a connection for each use and leaves it to the collector",
                                 .affinity = sqlite::Affinity::any_thread_close,
                                 .drops_connections = true},
                                [](Host& host) { return std::make_unique<Unclosed>(host); });

}  // namespace
}  // namespace walsoak
