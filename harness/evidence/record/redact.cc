#include "harness/evidence/record/redact.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "harness/base/shared/json_text.h"
#include "harness/base/shared/tristate.h"
#include "harness/evidence/record/hidden_paths.h"
#include "harness/model/vocabulary/findings.h"

namespace walsoak::record {
namespace {

using nlohmann::ordered_json;

// Names that say nothing about anybody, and whose replacement would garble a report.
constexpr std::array<std::string_view, 18> kEverybodys = {
    "root", "user", "users",  "admin",  "test",    "build",   "runner",    "debian",  "ubuntu",
    "home", "host", "docker", "sqlite", "walsoak", "gateway", "localhost", "vagrant", "fedora"};

// Words of a summary by which a report is made: replaced, they would change what is found.
constexpr std::array<std::string_view, 4> kWordsOfSummaries = {kPass, kFail, "done", "free"};

bool is_word_of_a_finding(std::string_view name) {
  for (std::string_view finding : finding_names()) {
    while (!finding.empty()) {
      const std::size_t end = std::min(finding.find(' '), finding.size());
      if (finding.substr(0, end) == name) return true;
      finding.remove_prefix(std::min(end + 1, finding.size()));
    }
  }
  return false;
}

bool word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}
bool path_character(char c) {
  return word_character(c) || c == '.' || c == '~';
}

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}
bool same_letter(char a, char b) {
  return lower(a) == lower(b);
}

bool says_something(std::string_view name) {
  const auto in = [name](const auto& words) {
    return std::find(words.begin(), words.end(), name) != words.end();
  };
  return name.size() >= 4 && !in(kEverybodys) && !in(kWordsOfSummaries) && !is_word_of_a_finding(name);
}

// Replaces each occurrence of `name` for which `fits(begin, end)` holds, positions in `text`.
template <typename Fits>
std::string replace_where(std::string_view text, std::string_view name, std::string_view by,
                          const Fits& fits) {
  std::string result;
  std::size_t done = 0;
  for (std::size_t at = 0; !name.empty() && at + name.size() <= text.size();) {
    const bool here =
        std::equal(name.begin(), name.end(), text.begin() + static_cast<std::ptrdiff_t>(at), same_letter);
    if (!here || !fits(at, at + name.size())) {
      ++at;
      continue;
    }
    result.append(text.substr(done, at - done)).append(by);
    at += name.size();
    done = at;
  }
  return result.append(text.substr(done));
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [text](std::string_view end) { return text.ends_with(end); });
}

std::string replace_name(std::string_view text, std::string_view name, std::string_view by) {
  return replace_where(text, name, by, [text, name](std::size_t begin, std::size_t end) {
    if (begin > 0 && word_character(text[begin - 1])) return false;
    if (end < text.size() && word_character(text[end])) return false;
    if (says_something(name)) return true;
    return ends_with_any(text.substr(0, begin), {"/home/", "/Users/", "@"}) ||
           (end < text.size() && text[end] == '@');
  });
}

std::string replace_home(std::string_view text, std::string_view home) {
  while (home.ends_with('/')) home.remove_suffix(1);
  return replace_where(text, home, "~", [text](std::size_t begin, std::size_t end) {
    if (begin > 0 && path_character(text[begin - 1])) return false;
    return end == text.size() || !path_character(text[end]);
  });
}

}  // namespace

Identity identity_of(const ordered_json& environment) {
  return {text_of(environment, "hostname"), text_of(environment, "user"), text_of(environment, "home")};
}

std::string redact_folders(std::string_view text, const Identity& identity) {
  return hide_paths(replace_home(text, identity.home));
}

std::string redact(std::string_view text, const Identity& identity) {
  std::string result = redact_folders(text, identity);
  // The host first: a user's name is often a part of it.
  result = replace_name(result, identity.host, "HOST");
  const std::string short_host = identity.host.substr(0, identity.host.find('.'));
  result = replace_name(result, short_host, "HOST");
  return replace_name(result, identity.user, "USER");
}

ordered_json redact_json(const ordered_json& value, const Identity& identity) {
  if (value.is_string()) return redact(value.get_ref<const std::string&>(), identity);
  if (!value.is_structured()) return value;
  ordered_json result = value;
  for (auto& part : result) part = redact_json(part, identity);
  return result;
}

}  // namespace walsoak::record
