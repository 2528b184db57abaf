// What the clock says of free-running cells: how fast they ran, whether ticks kept their time, and what
// walsoak itself took meanwhile.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace walsoak::report {

// A Markdown section; empty where every cell ran in lockstep.
std::string pace_section(const nlohmann::ordered_json& summary, std::size_t most_rows);

// "Rates are not known: more than 5 % of the slots were missed in c01 (12 %)." of an unfolded summary: each
// repeat has a schedule of its own. "" where every cell kept it.
std::string missed_slots_sentence(const nlohmann::ordered_json& summary);

// Whether any cell ran free, and whether any was conducted step by step.
bool any_free_running(const nlohmann::ordered_json& summary);
bool any_lockstep(const nlohmann::ordered_json& summary);

}  // namespace walsoak::report
