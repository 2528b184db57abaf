#include "harness/report/text/phrases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "harness/model/vocabulary/settings.h"

namespace walsoak::report {

std::string shown(const Json& value) {
  if (value.is_null()) return "?";
  if (value.is_string()) return value.get<std::string>().empty() ? "\"\"" : value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string shown_value(std::string_view setting, const Json& value) {
  return value.is_array() ? value_text(setting, value) : shown(value);
}

std::string listed(const std::vector<std::string>& items, std::string_view last) {
  std::string result;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) result += i + 1 == items.size() ? fmt::format(" {} ", last) : ", ";
    result += items[i];
  }
  return result;
}

std::string listed_short(const std::vector<std::string>& items) {
  constexpr std::size_t kShown = 12;
  if (items.size() <= kShown) return listed(items);
  std::vector<std::string> cut(items.begin(), items.begin() + kShown);
  cut.push_back(fmt::format("{} more", items.size() - kShown));
  return listed(cut);
}

std::string listed_cells(const std::vector<std::string>& cells) {
  std::vector<std::string> names;
  std::string scenario;
  for (const std::string& cell : cells) {
    const std::size_t dot = cell.rfind('.');
    const std::string of = dot == std::string::npos ? "" : cell.substr(0, dot + 1);
    names.push_back(of == scenario ? cell.substr(of.size()) : cell);
    scenario = of;
  }
  return listed_short(names);
}

std::vector<std::string> strings(const Json& list) {
  std::vector<std::string> result;
  for (const Json& item : list) result.push_back(shown(item));
  return result;
}

std::string conditions_text(const Json& where) {
  std::vector<std::string> conditions;
  for (const auto& [axis, values] : where.items()) {
    std::vector<std::string> words;
    for (const Json& value : values) words.push_back(shown_value(axis, value));
    conditions.push_back(fmt::format("{} = {}", axis, listed(words, "or")));
  }
  return conditions.empty() ? "everywhere" : listed(conditions);
}

std::string settings_text(const Json& cell) {
  std::string result;
  const Json differs = cell.value("differs", Json::object());
  for (const auto& [name, value] : differs.items()) {
    result += fmt::format("{}{} = {}", result.empty() ? "" : ", ", name, shown_value(name, value));
  }
  return result.empty() ? cell.value("cell", std::string{}) : result;
}

std::string finding_text(const Json& cell) {
  const std::string finding = cell.value("found", cell.value("finding", std::string{}));
  const auto so_far = cell.find("so_far");
  if (so_far == cell.end() || !so_far->is_string()) return finding;
  return fmt::format("{} (so far {})", finding, so_far->get<std::string>());
}

Json metric(const Json& cell, const char* name) {
  const auto metrics = cell.find("metrics");
  return metrics == cell.end() || !metrics->is_object() ? Json() : metrics->value(name, Json());
}

std::string lost_text(const Json& cell) {
  const Json lost = metric(cell, "lost_commits");
  const Json damaged = metric(cell, "integrity_failed");
  const bool unreadable = lost.is_null() && damaged.is_number_integer() && damaged.get<std::int64_t>() > 0;
  return unreadable ? "unreadable" : shown(lost);
}

std::string name_of(const Json& cell) {
  return cell.value("cell", std::string{});
}

std::string value_on(const Json& cell, const std::string& setting) {
  const auto settings = cell.find("settings");
  if (settings != cell.end() && settings->is_object() && settings->contains(setting))
    return shown_value(setting, (*settings)[setting]);
  return shown_value(setting, cell.value("differs", Json::object()).value(setting, Json()));
}

std::string all_found(const Json& cell) {
  std::string text = finding_text(cell);
  for (const std::string& other : strings(cell.value("also", Json::array()))) text += ", " + other;
  return text;
}

bool found(const Json& cell, std::string_view finding) {
  const std::vector<std::string> others = strings(cell.value("also", Json::array()));
  return cell.value("finding", std::string{}) == finding ||
         std::find(others.begin(), others.end(), finding) != others.end();
}

const Json* find_cell(const Json& summary, std::string_view name) {
  for (const Json& cell : summary.at("cells")) {
    if (cell.value("cell", std::string{}) == name) return &cell;
  }
  return nullptr;
}

std::vector<std::string> axes(const Json& summary) {
  std::vector<std::string> names;
  for (const Json& cell : summary.at("cells")) {
    const Json differs = cell.value("differs", Json::object());
    for (const auto& [name, value] : differs.items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::string capital(std::string text) {
  if (!text.empty()) text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text;
}

}  // namespace walsoak::report
