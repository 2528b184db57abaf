// The setting `order`: the acts of each tick of a lockstep cell, by name.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak {

struct OrderedAct {
  std::string actor;  // triage, dispatch, probe, notifier, slash, workers, outside, dashboard, dispatcher
  std::int64_t number = 0;  // 2 in outside-2; 0 for an actor without a number
  std::string word;         // the name as written: outside-2
};

// One list of acts per tick, with "2 x ..." expanded; a cell repeats the list from its start. Empty if no
// order is set. `text` must be valid.
std::vector<std::vector<OrderedAct>> order_of(std::string_view text);

// Why the value is invalid and the valid form; empty if it is valid.
std::string why_no_order(const nlohmann::json& value);

}  // namespace walsoak
