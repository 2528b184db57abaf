// The table of a run that lays fixes over conditions: a row for each fix and scope, and in it what became of
// the board under each of the conditions.
#pragma once

#include <string>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

struct FixTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::string conditions;  // what "a / b" stands for: "workers = 1 / workers = 3"; "" for one condition
};

// Empty where the cells do not differ in the setting `fix`.
FixTable fix_table(const Json& summary);

// Which fixes cure and which lose commits, scope by scope; "" where there is no table. Not escaped.
std::string fixes_answer(const Json& summary);

// The table as a section of the report; "" where there is none.
std::string fixes_section(const Json& summary, std::size_t most_rows);

}  // namespace walsoak::report
