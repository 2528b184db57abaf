// The report of a run as Markdown, from its summary alone: question, answer and evidence first, then tables,
// four pictures, the command to repeat it, scripts that show the mechanisms, and the limits of what it shows;
// raw data in parts that unfold.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace walsoak::report {

// What forges and mailing lists take for one post.
inline constexpr std::size_t kLongestReport = 60000;

// What a report holds beside the summary; all of it may be missing.
struct Sources {
  std::vector<std::string> pictures;          // paths that exist, relative to the report
  std::map<std::string, std::string> titles;  // of the scenarios by name, for runs of several
  nlohmann::ordered_json field;               // of a run of field reports: see field.h
};

// Raw data is cut first, then scripts and tables, where the text would grow beyond `longest` bytes; one that
// may be longer than a post shows all pictures. Where it is `redacted`, host, user and home that the
// environment names are taken out of the whole text, and what privacy.h lists. Throws
// nlohmann::json::exception on a summary that has not the shape of docs/record.md.
enum class Names { redacted, shown };
std::string report_markdown(const nlohmann::ordered_json& summary, const Sources& sources = {},
                            Names names = Names::redacted, std::size_t longest = kLongestReport);

// Its opening, the reasons of verdicts that are not pass and the table of cells, redacted: never longer than
// kLongestReport. Throws as report_markdown().
std::string brief_markdown(const nlohmann::ordered_json& summary);

}  // namespace walsoak::report
