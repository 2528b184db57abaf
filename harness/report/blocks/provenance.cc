#include "harness/report/blocks/provenance.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "harness/model/vocabulary/settings.h"
#include "harness/report/blocks/pace.h"
#include "harness/report/blocks/repeats.h"
#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

constexpr std::size_t kMostRows = 60;
constexpr std::size_t kLongestFact = 2000;  // all compile options of a library
constexpr std::size_t kLongestCommand = 4000;

// Nested objects become dotted names, lists a line.
void flatten(const std::string& name, const Json& value, Table& table) {
  if (name == "hostname" || name == "user" || name == "home") return;
  if (value.is_object()) {
    for (const auto& [key, part] : value.items()) flatten(name.empty() ? key : name + "." + key, part, table);
    return;
  }
  std::string text;
  if (value.is_array()) {
    for (const Json& part : value) text += (text.empty() ? "" : " ") + shown(part);
  } else {
    text = shown(value);
  }
  table.add({name, text});
}

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_./=,:+@~").find(c) != std::string_view::npos;
  });
  if (plain) return word;
  std::string result = "'";
  for (char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

// A setting of a cell; the ticks that its duration makes, where it has one.
Json value_of(const Json& cell, std::string_view setting) {
  const Json settings = cell.value("settings", Json::object());
  const double duration_s = settings.value("duration_s", 0.0);
  if (setting == "ticks" && duration_s > 0) {
    return ticks_in(duration_s, settings.at("tick_interval_s").get<double>());
  }
  return settings.value(std::string(setting), Json());
}

// "60", or "5 to 60": what the cells have for a setting.
std::string span_of(const Json& summary, const char* setting) {
  std::set<std::int64_t> values;
  for (const Json& cell : summary.at("cells")) {
    const Json value = value_of(cell, setting);
    if (value.is_number_integer()) values.insert(value.get<std::int64_t>());
  }
  if (values.empty()) return "?";
  if (values.size() == 1) return std::to_string(*values.begin());
  return fmt::format("{} to {}", *values.begin(), *values.rbegin());
}

// "Seen with SQLite 3.40.1 and 3.54.1, walsoak 0.1.0 (commit 1a2b3c), ...": what of the environment decides.
std::string where_it_ran(const Json& summary) {
  const Json environment = summary.value("environment", Json::object());
  std::vector<std::string> versions, parts;
  const Json libraries = environment.value("sqlite", Json::object());
  for (const auto& [version, library] : libraries.items()) versions.push_back(version);
  if (!versions.empty()) parts.push_back("SQLite " + listed_short(versions));
  std::string self = "walsoak " + summary.value("walsoak", std::string{});
  if (const Json commit = environment.value("commit", Json()); commit.is_string()) {
    self += fmt::format(" (commit {})", shown(commit));
  }
  parts.push_back(self);
  for (const char* key : {"kernel", "distribution", "cpu_model", "file_system"}) {
    const Json value = environment.value(key, Json());
    if (!value.is_null()) parts.push_back(shown(value));
  }
  const Json limit = environment.value("descriptor_limit_soft", Json());
  if (!limit.is_null()) parts.push_back("limit " + shown(limit) + " descriptors");
  if (parts.size() == 1) return {};
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return "Seen with " + text + ". The whole environment stands under raw data.";
}

}  // namespace

std::string environment_details(const Json& summary) {
  Table table({"what", "value"});
  flatten("", summary.value("environment", Json::object()), table);
  return table.empty() ? "" : details("Environment", table.text(kMostRows, kLongestFact));
}

std::string repeat_section(const Json& summary) {
  std::string line;
  for (const Json& word : summary.value("command", Json::array())) {
    line += (line.empty() ? "" : " ") + quoted(word.is_string() ? word.get<std::string>() : word.dump());
  }
  const std::string where = where_it_ran(summary);
  if (line.empty() && where.empty()) return {};
  std::string text = "## Repeat it\n";
  if (!line.empty()) text += "\n```sh\n" + clipped(line, kLongestCommand) + "\n```\n";
  return where.empty() ? text : text + "\n" + where + "\n";
}

std::string limits_section(const Json& summary) {
  const std::size_t cells = summary.at("cells").size();
  std::string order;
  if (any_lockstep(summary)) {
    order +=
        "- The steps ran in lockstep, one at a time: their order and the counts are exact, rates per hour "
        "and waiting "
        "between actors are not shown. Only latencies are of the real clock. Another order of the steps is "
        "another "
        "seed.\n";
  }
  if (any_free_running(summary)) {
    order +=
        "- Free-running cells go by the clock: which step fell between which others differs from run to run, "
        "and with "
        "it every count. What is seen was possible; what is not seen in this time is not ruled out.\n";
  }
  return fmt::format(
      "## What this does not show\n\n"
      "{}"
      "- {} {}, each run {}{}; ticks: {}, boards: {}, workers: {}, seed: {}.\n"
      "- It was seen on the system named above, with the SQLite versions that the cells name, "
      "and nowhere "
      "else.\n"
      "- A mechanism is named by its signature in the three ledgers and the rows; one whose signature was "
      "not looked "
      "for is not ruled out.\n",
      order, cells, cells == 1 ? "cell" : "cells", times_text(summary),
      summary.contains("repeats") ? ", interleaved in an order drawn by the seed, figures are medians" : "",
      span_of(summary, "ticks"), span_of(summary, "boards"), span_of(summary, "workers"),
      span_of(summary, "seed"));
}

}  // namespace walsoak::report
