// What of a summary would tell a reader whose machine it was made on, beyond the names of host, user and home
// (record/redact.h): databases outside the run folder, and the arguments of foreign commands. Folders go here
// already: a name that is looked up is then the same in the whole summary.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

namespace walsoak::report {

// The summary with each database that a setting or the command line names as db1, db2, ... - the same name
// all over the report - and of each exec_command its first word alone, and without the pattern
// of `watch --name`. The environment stays: it names whom to take out. A pure function.
nlohmann::ordered_json without_private_names(const nlohmann::ordered_json& summary);

// The same in any value that tells of these summaries, one name for one database in all of them.
nlohmann::ordered_json without_private_names(const nlohmann::ordered_json& value,
                                             const std::vector<nlohmann::ordered_json>& summaries);

}  // namespace walsoak::report
