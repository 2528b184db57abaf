// A judged run as JUnit XML, which CI systems show as tests: a case for every cell, and one for every
// threshold of it.
#pragma once

#include <string>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// What a file of ours begins with, after the XML declaration.
inline constexpr const char* kJunitMark = "<testsuites";

// From summary.json and run.json (docs/record.md). A suite for each scenario; a case's class is its scenario,
// its name the values in which its cell differs from the others: unique in its suite, and the same when the
// matrix grows. A verdict of fail is a <failure>. One of unknown is an <error>: CI systems show <skipped> in
// green or grey and go on, and nothing that cannot be told may pass for good. Reasons stand in the failure or
// error, evidence in <system-out>. Names of machine, user, databases and commands are taken out, as of
// report.md. Throws nlohmann::json::exception on what has not the shape of docs/record.md.
std::string junit_xml(const Json& summary, const Json& run);

}  // namespace walsoak::report
