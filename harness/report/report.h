// The report of a run as Markdown, from its summary alone: the answer first, then tables, controls, pictures,
// environment, the command to repeat it and the limits of what it shows.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace walsoak::report {

// What forges and mailing lists take for one post.
inline constexpr std::size_t kLongestReport = 60000;

// `pictures` are paths of pictures that exist, relative to the report. Tables are cut where the text would
// grow beyond kLongestReport. Where it is `redacted`, host, user and home that the environment names are
// taken out of the whole text, and what privacy.h lists. Throws nlohmann::json::exception on a summary that
// has not the shape of docs/record.md.
enum class Names { redacted, shown };
std::string report_markdown(const nlohmann::ordered_json& summary, const std::vector<std::string>& pictures,
                            Names names = Names::redacted);

// Its opening, the reasons of verdicts that are not pass and the table of cells, redacted: never longer than
// kLongestReport. Throws as report_markdown().
std::string brief_markdown(const nlohmann::ordered_json& summary);

}  // namespace walsoak::report
