// noop: opens nothing. The negative control of every run: whatever is found here is not the dispatcher's
// doing.
#include "strategies/strategy.h"

namespace walsoak {
namespace {

class Noop final : public Strategy {
 public:
  bool use(const board::Board&, sqlite::Actor, const Work&) override { return false; }
};

const Registration registration({.name = "noop", .summary = "opens nothing: the negative control"},
                                [](Host&) { return std::make_unique<Noop>(); });

}  // namespace
}  // namespace walsoak
