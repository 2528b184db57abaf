#include <array>
#include <utility>

#include "harness/evidence/observer/databases.h"
#include "harness/field/rows/entry.h"
#include "harness/field/rows/line_text.h"

namespace walsoak::watch {
namespace {

bool is_database_file(std::string_view name) {
  return observer::named_like_a_database(name) || observer::main_of_sidecar(name).has_value();
}

// Folders of /proc are headings of ls, and a word that ends with a colon is one of ls or fuser.
bool is_path_alone(std::string_view name) {
  return name.starts_with('/') && name.size() > 1 && !name.starts_with("/proc/") && !name.ends_with(':') &&
         name.find_first_of(" \t") == name.npos;
}

std::optional<std::int64_t> count_of(std::string_view text) {
  constexpr std::int64_t kMost = 1 << 18;  // beyond it, it is hardly a count of descriptors
  if (!is_number(text) || number_of(text) > kMost) return std::nullopt;
  return number_of(text);
}

void take_bare_name(std::string_view name, Entry& entry) {
  take_name(name, entry);
  entry.bare = !entry.path.starts_with('/');
  if (entry.bare) entry.path.insert(0, "/");
}

std::optional<Entry> whole_line(std::string_view line) {
  Entry entry;
  const auto tokens = tokens_of(line);
  const auto count = tokens.size() > 1 ? count_of(tokens[0].text) : std::nullopt;
  entry.mixed = count.has_value();
  entry.count = count.value_or(1);
  take_bare_name(unquoted(count ? line.substr(tokens[1].at) : line), entry);
  const bool is_one = is_path_alone(entry.path) || is_database_file(entry.path);
  // "4711 /usr/bin/python3 app.py /data/app.db": a process and its arguments.
  const std::size_t blank = entry.path.find(' ');
  if (blank != entry.path.npos &&
      (entry.path.find(" /") != entry.path.npos || entry.path.rfind("bin/", blank) != entry.path.npos))
    return std::nullopt;
  // A name alone is a word in a sentence.
  if (!is_one || (entry.bare && (!count || tokens.size() != 2))) return std::nullopt;
  return entry;
}

// Without the punctuation of a sentence.
std::string_view bare_word(std::string_view word) {
  return stripped(word, "`'\",;.()*");
}

// Of a word the name; "-wal" alone belongs to the main before it.
std::string name_in(std::string_view word, const std::string& main) {
  const bool is_suffix = word == "-wal" || word == "-shm" || word == "-journal";
  if (is_suffix) return main.empty() ? std::string() : main + std::string(word);
  return is_database_file(word) ? std::string(word) : std::string();
}

bool is_connection(std::string_view word) {
  constexpr std::array<std::string_view, 7> kWords = {"+", "and", "&", "/", "plus", ",", "x"};
  for (const std::string_view one : kWords)
    if (word == one) return true;
  return false;
}

// "pid 4711: 12 app.db, 11 app.db-wal", "4711: ...": low numbers are rather a list's.
std::optional<std::int64_t> leading_pid(const std::vector<Token>& tokens) {
  constexpr std::int64_t kLeast = 1000;
  const auto number = [](std::string_view word) {
    word = bare_word(word);
    if (word.ends_with(':')) word.remove_suffix(1);
    return is_number(word) ? std::optional(number_of(word)) : std::nullopt;
  };
  if (tokens.size() < 3) return std::nullopt;
  const std::string_view first = tokens[0].text;
  const auto alone = first.ends_with(':') ? number(first) : std::nullopt;
  if (alone && *alone >= kLeast) return alone;
  const bool named = first.starts_with("pid") || first.starts_with("PID") || first.starts_with("process");
  return named ? number(tokens[1].text) : std::nullopt;
}

// "499 kanban.db + 498 -wal": at least two counts with names, and nothing else between them.
std::vector<Entry> in_a_sentence(std::string_view line) {
  std::vector<Entry> entries;
  std::string main;
  const auto tokens = tokens_of(line);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const auto count = count_of(bare_word(tokens[i].text));
    const std::string name = count ? name_in(bare_word(tokens[i + 1].text), main) : std::string();
    if (name.empty()) {
      if (entries.size() == 1 && !is_connection(tokens[i].text)) entries.clear();
      continue;
    }
    Entry entry;
    entry.mixed = true;
    entry.count = *count;
    take_bare_name(name, entry);
    if (!observer::main_of_sidecar(name)) main = name;
    entries.push_back(std::move(entry));
    ++i;
  }
  if (entries.size() < 2) entries.clear();
  for (Entry& entry : entries) entry.pid = leading_pid(tokens);
  return entries;
}

}  // namespace

std::vector<Entry> counted_names(std::string_view line) {
  if (auto entry = whole_line(line)) return {std::move(*entry)};
  return in_a_sentence(line);
}

}  // namespace walsoak::watch
