#include "harness/report/text/repeatable.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace walsoak::report {
namespace {

constexpr std::array<std::string_view, 2> kFlags = {"--quiet", "--keep"};
constexpr std::array<std::string_view, 2> kWithValue = {"--out", "--junit"};

bool is_flag(std::string_view word) {
  return std::find(kFlags.begin(), kFlags.end(), word) != kFlags.end();
}

bool says_where(std::string_view word) {
  return std::find(kWithValue.begin(), kWithValue.end(), word.substr(0, word.find('='))) != kWithValue.end();
}

std::string_view behind_last(std::string_view text, std::string_view mark) {
  const std::size_t at = text.rfind(mark);
  return at == std::string_view::npos ? text : text.substr(at + mark.size());
}

// Where the caller's folder or the checkout lay says nothing; a relative path is left as it was typed.
std::string scenario_text(std::string_view word) {
  const bool elsewhere = word.starts_with('/') || word.starts_with("..");
  if (!elsewhere || !word.ends_with(".json") || word.find("/scenarios/") == std::string_view::npos) {
    return std::string(word);
  }
  return "scenarios/" + std::string(behind_last(word, "/scenarios/"));
}

}  // namespace

Json repeatable(Json summary) {
  const std::vector<std::string> typed = strings(summary.value("command", Json::array()));
  Json words = Json::array();
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const std::string& word = typed[i];
    if (i == 0) {
      words.push_back(std::string(behind_last(word, "/")));
    } else if (says_where(word)) {
      if (word.find('=') == std::string::npos) ++i;
    } else if (!is_flag(word)) {
      words.push_back(scenario_text(word));
    }
  }
  summary["command"] = std::move(words);
  return summary;
}

}  // namespace walsoak::report
