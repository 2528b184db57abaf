// How a report says settings, values and lists in plain words. "?" stands for what is not known.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak::report {

using Json = nlohmann::ordered_json;

// A setting's value or a number as people write it: raw, 4, true; "?" for null.
std::string shown(const Json& value);
// The same of a setting's value: a list of faults is told in words.
std::string shown_value(std::string_view setting, const Json& value);

// "a", "a and b", "a, b and c".
std::string listed(const std::vector<std::string>& items, std::string_view last = "and");
// The same, cut to a dozen with the number of the rest.
std::string listed_short(const std::vector<std::string>& items);
std::vector<std::string> strings(const Json& list);
// The same of cells, the scenario that several in a row share named once: "quick.c01, c02 and c03".
std::string listed_cells(const std::vector<std::string>& cells);

// "header_check = raw, held_connection = on and strategy = per-tick or unclosed" of
// {"header_check":["raw"],...}.
std::string conditions_text(const Json& where);
// "header_check = raw, held_connection = on" of a cell's `differs`; its name where it differs in nothing.
std::string settings_text(const Json& cell);

// A cell's finding, of repeats as how many have it; what was seen so far beside it where the cell has not
// come to its end.
std::string finding_text(const Json& cell);

// A cell's metric; null where there is none.
Json metric(const Json& cell, const char* name);

// The commits that a cell lost for good: a number; "unreadable" where the final copy of some board cannot be
// read, so that nobody can count; "?" where it was not looked at.
std::string lost_text(const Json& cell);

std::string name_of(const Json& cell);
// What a cell has set; "?" where it has no such setting.
std::string value_on(const Json& cell, const std::string& setting);
// A cell's finding and what was found beside it, as "data loss, wedged".
std::string all_found(const Json& cell);
// Whether the cell has it as its finding or beside it.
bool found(const Json& cell, std::string_view finding);

// The cell of this name, or null.
const Json* find_cell(const Json& summary, std::string_view name);

// The settings in which the cells of the run differ, in the order in which cells name them.
std::vector<std::string> axes(const Json& summary);

// With the first letter as a capital.
std::string capital(std::string text);

}  // namespace walsoak::report
