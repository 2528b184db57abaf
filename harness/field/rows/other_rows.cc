// Rows of busybox's lsof, and of a database's folder.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "harness/evidence/observer/databases.h"
#include "harness/field/rows/entry.h"
#include "harness/field/rows/line_text.h"

namespace walsoak::watch {
namespace {

constexpr std::string_view kUnits = "KMGTP";

bool is_target(std::string_view name) {
  return name.starts_with('/') || !type_of_target(name).empty();
}

std::vector<Token> parts_by_tabs(std::string_view line) {
  std::vector<Token> parts;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find('\t', at), line.size());
    parts.push_back({line.substr(at, end - at), at});
    at = end + 1;
  }
  return parts;
}

// "1.7G", "1,7G", "512K", "4096", "4096B"; bytes, of a rounded number the rounded ones.
std::optional<std::int64_t> bytes_of(std::string_view text) {
  if (text.ends_with('B')) text.remove_suffix(1);
  if (text.ends_with('i')) text.remove_suffix(1);
  int power = 0;
  if (!text.empty() && kUnits.find(text.back()) != kUnits.npos) {
    power = static_cast<int>(kUnits.find(text.back())) + 1;
    text.remove_suffix(1);
  }
  const std::size_t point = text.find_first_of(".,");
  const std::string_view whole = text.substr(0, point);
  if (!is_number(whole) || (point != text.npos && (power == 0 || !is_number(text.substr(point + 1)))))
    return std::nullopt;
  double value = static_cast<double>(number_of(whole));
  if (point != text.npos) {
    const std::string_view digits = text.substr(point + 1);
    value += static_cast<double>(number_of(digits)) / std::pow(10, static_cast<double>(digits.size()));
  }
  return static_cast<std::int64_t>(std::llround(value * std::pow(1024, power)));
}

bool is_mode_of_a_file(std::string_view text) {
  if (text.size() < 10 || text.size() > 11 || text[0] != '-') return false;
  return text.substr(1, 9).find_first_not_of("rwxsStT-") == text.npos;
}

bool is_month(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonthNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return std::find(kMonthNames.begin(), kMonthNames.end(), text) != kMonthNames.end();
}

// Words of a date in ls: "Apr 3 00:01", "3 Apr 2026", "2026-04-03 00:01[:02.5 +0200]"; 0 where none begins.
std::size_t date_words(const std::vector<Token>& tokens, std::size_t at) {
  if (at + 2 >= tokens.size()) return 0;
  const std::string_view first = tokens[at].text, second = tokens[at + 1].text;
  if ((is_month(first) && is_number(second)) || (is_number(first) && is_month(second))) return 3;
  if (first.size() != 10 || first[4] != '-' || second.find(':') == second.npos) return 0;
  const std::string_view zone = tokens[at + 2].text;
  return zone.size() == 5 && (zone[0] == '+' || zone[0] == '-') && is_number(zone.substr(1)) ? 3 : 2;
}

Entry file_on_disk(std::string_view name, std::int64_t bytes) {
  Entry entry;
  entry.on_disk = true;
  entry.descriptor = false;
  entry.bytes = bytes;
  take_name(unquoted(name), entry);
  if (entry.path.starts_with("./")) entry.path.erase(0, 2);
  entry.bare = !entry.path.starts_with('/');
  if (entry.bare) entry.path.insert(0, "/");
  return entry;
}

bool is_of_a_database(std::string_view name) {
  return observer::named_like_a_database(name) || observer::main_of_sidecar(name).has_value();
}

}  // namespace

std::optional<Entry> busybox_row(std::string_view line) {
  const bool tabs = line.find('\t') != line.npos;
  const std::vector<Token> parts = tabs ? parts_by_tabs(line) : tokens_of(line);
  if (parts.size() < 3 || !is_number(parts[0].text) || !parts[1].text.starts_with('/')) return std::nullopt;
  const std::size_t name = is_number(parts[2].text) ? 3 : 2;
  if (name >= parts.size() || !is_target(parts[name].text)) return std::nullopt;
  Entry entry;
  entry.pid = number_of(parts[0].text);
  const std::string_view program = parts[1].text;
  entry.command = std::string(program.substr(program.rfind('/') + 1));
  if (name == 3) entry.fd = std::string(parts[2].text);
  take_name(line.substr(parts[name].at), entry);
  entry.type = type_of_target(entry.path);
  entry.regular = entry.type.empty();
  return entry;
}

std::optional<Entry> folder_row(std::string_view line) {
  const auto tokens = tokens_of(line);
  if (tokens.size() < 2) return std::nullopt;
  // du: a size with a unit, since without one it may be a count of descriptors.
  const auto size = bytes_of(tokens[0].text);
  if (size && !is_number(tokens[0].text) && is_of_a_database(line.substr(tokens[1].at)))
    return file_on_disk(line.substr(tokens[1].at), *size);
  std::size_t mode = 0;
  while (mode < tokens.size() && mode < 3 && !is_mode_of_a_file(tokens[mode].text)) ++mode;
  if (mode == tokens.size() || mode == 3) return std::nullopt;
  for (std::size_t i = mode + 2; i + 3 < tokens.size(); ++i) {
    const auto bytes = bytes_of(tokens[i].text);
    const std::size_t date = date_words(tokens, i + 1);
    if (!bytes || date == 0 || i + 1 + date >= tokens.size()) continue;
    return file_on_disk(line.substr(tokens[i + 1 + date].at), *bytes);
  }
  return std::nullopt;
}

}  // namespace walsoak::watch
