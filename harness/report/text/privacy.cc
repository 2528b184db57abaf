#include "harness/report/text/privacy.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/evidence/record/redact.h"

namespace walsoak::report {
namespace {

using Json = nlohmann::ordered_json;

// Whole texts and what stands for them, in the order in which they were found.
class PrivateNames {
 public:
  void add_database(const std::string& path) {
    if (!path.empty() && !knows(path)) names_.emplace_back(path, fmt::format("db{}", ++databases_));
  }
  void add_command(const std::string& command) {
    const std::size_t blank = command.find_first_of(" \t");
    if (blank != std::string::npos && !knows(command))
      names_.emplace_back(command, command.substr(0, blank) + " ...");
  }

  // Longest first, so that a path is not taken for the beginning of another.
  void settle() {
    std::stable_sort(names_.begin(), names_.end(),
                     [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  }

  std::string applied(std::string text) const {
    for (const auto& [from, to] : names_) {
      for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
      }
    }
    return text;
  }

 private:
  bool knows(const std::string& text) const {
    return std::any_of(names_.begin(), names_.end(), [&](const auto& name) { return name.first == text; });
  }

  std::vector<std::pair<std::string, std::string>> names_;
  int databases_ = 0;
};

void add_setting(PrivateNames& names, std::string_view setting, const std::string& value) {
  if (setting == "board_template") names.add_database(value);
  if (setting == "exec_command") names.add_command(value);
}

// As they were typed: a relative path, say. `--set name=value`, `--board-template PATH` and
// `--board-template=PATH`.
void add_arguments(PrivateNames& names, const Json& command) {
  std::string before;
  for (const Json& word : command) {
    if (!word.is_string()) continue;
    std::string text = word.get<std::string>();
    if (before == "--board-template") names.add_database(text);
    if (text.starts_with("--set=")) text.erase(0, 6);
    if (text.starts_with("--")) text.erase(0, 2);
    std::string name = text.substr(0, text.find('='));
    std::replace(name.begin(), name.end(), '-', '_');
    if (name.size() < text.size()) add_setting(names, name, text.substr(name.size() + 1));
    before = word.get<std::string>();
  }
}

using Rename = std::function<std::string(const std::string&)>;

Json renamed(const Json& value, const Rename& rename) {
  if (value.is_string()) return rename(value.get<std::string>());
  if (!value.is_structured()) return value;
  Json result = value;
  for (auto part = result.begin(); part != result.end(); ++part) {
    if (!result.is_object() || part.key() != "environment") *part = renamed(*part, rename);
  }
  return result;
}

// What `watch --name` looks for is a part of somebody's command line.
void hide_pattern(Json& command) {
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (command[i] == "--name" && i + 1 < command.size()) command[i + 1] = "PATTERN";
    if (command[i].is_string() && command[i].get_ref<const std::string&>().starts_with("--name=")) {
      command[i] = "--name=PATTERN";
    }
  }
}

void add_summary(PrivateNames& names, const Json& summary) {
  const Json cells = summary.value("cells", Json::array());
  for (const Json& cell : cells) {
    const Json settings = cell.value("settings", Json::object());
    for (const auto& [setting, value] : settings.items()) {
      if (value.is_string()) add_setting(names, setting, value.get<std::string>());
    }
  }
  add_arguments(names, summary.value("command", Json::array()));
}

}  // namespace

Json without_private_names(const Json& value, const std::vector<Json>& summaries) {
  PrivateNames names;
  for (const Json& summary : summaries) add_summary(names, summary);
  names.settle();
  Json result = renamed(value, [&](const std::string& text) {
    std::string shown = names.applied(text);
    for (const Json& summary : summaries) {
      shown =
          record::redact_folders(shown, record::identity_of(summary.value("environment", Json::object())));
    }
    return shown;
  });
  if (result.is_object() && result.contains("command")) hide_pattern(result["command"]);
  return result;
}

Json without_private_names(const Json& summary) {
  return without_private_names(summary, std::vector<Json>{summary});
}

}  // namespace walsoak::report
