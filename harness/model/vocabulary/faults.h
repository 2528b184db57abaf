// Faults: timed changes from outside that a scenario lists under the setting `faults`. This file knows their
// names, keys and valid values; harness/lab/session/fault_acts.h carries them out.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak {

struct FaultInfo {
  std::string_view name;
  std::vector<std::string_view> keys;  // besides `fault`, `at_tick` and, where it lasts, `until_tick`
  bool lasts;                          // takes `until_tick`
  bool needs_board;                    // concerns one board: the seed draws one where none is named
  std::string_view summary;
};

// The valid words of a key of that fault, the default first; empty where its value is a number or a board.
std::vector<std::string_view> fault_words(std::string_view fault, std::string_view key);

// All of them, in the order of `walsoak list faults`.
std::span<const FaultInfo> faults_table();

// One fault with every value decided: ranges and boards that the file left open are drawn by the seed.
struct Fault {
  std::int64_t number = 0;  // its place in the list, from 1: two of one name may be at work at once
  std::string name;
  std::int64_t at_tick = 0;      // before this tick
  std::int64_t until_tick = -1;  // ends before this tick; -1: lasts to the end
  std::string board;             // "" where it concerns all
  std::string how, sidecars, holders, operation, file, where;
  std::int64_t after = 1, count = 1, soft = 0;
};

// Why a value is no list of faults, phrased as what would be valid; empty if it is one.
std::string why_no_faults(const nlohmann::json& value);

// The faults of a cell in the order of their ticks. `value` must be valid; `boards` are the names in the
// cell.
std::vector<Fault> faults_of(const nlohmann::json& value, const std::vector<std::string>& boards,
                             std::uint64_t seed);

// The keys of a fault with their words, for `walsoak list faults`: "at_tick, board, how rename|in-place".
std::string keys_text(const FaultInfo& info);

// A list of faults for tables and sentences, in its order, by what was written: "replace-board b01 @8,
// fd-limit 16 @5-15"; "none" for the empty one. What is no valid list stays JSON.
std::string faults_text(const nlohmann::json& value);

}  // namespace walsoak
