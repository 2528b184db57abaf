// What went wrong on a board, as the protocol says it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>

namespace walsoak::board {

// Runs `act`; where it throws, writes ok: false and the error into `entry` and returns true (go on with the
// next board).
bool guarded(nlohmann::ordered_json& entry, const std::function<bool()>& act);

}  // namespace walsoak::board
