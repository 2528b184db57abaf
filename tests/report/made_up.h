// Made-up summaries, in the shape of docs/record.md.
#pragma once

#include <string>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

inline Json cell(const std::string& name, const Json& settings, const std::string& finding,
                 const Json& metrics = Json::object()) {
  return {{"cell", name},           {"settings", settings},      {"differs", settings},
          {"state", "done"},        {"control_of", nullptr},     {"finding", finding},
          {"also", Json::array()},  {"evidence", Json::array()}, {"mechanisms", Json::array()},
          {"verdict", "pass"},      {"reasons", Json::array()},  {"metrics", metrics},
          {"errors", Json::array()}};
}

inline Json summary_of(const std::vector<Json>& cells, const Json& conditions = Json::array()) {
  Json summary = {{"walsoak", "0.1.0"},
                  {"run", "r"},
                  {"title", "T"},
                  {"question", "Q?"},
                  {"state", "done"},
                  {"verdict", "pass"},
                  {"exit_code", 0},
                  {"command", {"walsoak", "run"}},
                  {"environment", Json::object()},
                  {"axes", {"strategy"}}};
  summary["cells"] = cells;
  summary["conditions"] = conditions;
  return summary;
}

}  // namespace walsoak::report
