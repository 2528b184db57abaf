// The setting `order`: the acts of each tick of a lockstep cell by name, instead of an order drawn from the
// seed.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak {

struct OrderedAct {
  std::string actor;  // triage, dispatch, probe, notifier, slash, workers, outside, dashboard, dispatcher
  std::int64_t number = 0;  // of outside-2, dashboard-1, dispatcher-2; else 0
  std::string word;         // as it was written
};

// The acts of one tick after another, "2 x ..." spelt out; behind the last one the first comes again. Empty:
// no order was set. `text` must be valid.
std::vector<std::vector<OrderedAct>> order_of(std::string_view text);

// Why a value is no order, phrased as what would be valid; empty if it is one.
std::string why_no_order(const nlohmann::json& value);

}  // namespace walsoak
