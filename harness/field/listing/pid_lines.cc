#include "harness/field/listing/pid_lines.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <vector>

#include "harness/field/rows/entry.h"
#include "harness/field/rows/line_text.h"
#include "harness/field/rows/line_time.h"

namespace walsoak::watch {
namespace {

constexpr std::int64_t kMostPid = 1 << 22;  // the kernel's own bound (PID_MAX_LIMIT)

struct Heading {
  std::size_t line;
  std::int64_t number;
  bool named;             // the line itself says that it is a process
  std::int64_t rows = 0;  // that follow it
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string_view bare(std::string_view text) {
  return stripped(text, "=-#*:<>[]() \t");
}

bool is_pid(std::string_view text) {
  return is_number(text) && number_of(text) > 0 && number_of(text) < kMostPid;
}

// "pid 4711", "PID: 4711", "pid=4711", "process 4711 (python3)".
std::optional<std::int64_t> behind_the_word(std::string_view line) {
  std::string words = lower(line);
  std::replace_if(
      words.begin(), words.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; },
      ' ');
  const auto tokens = tokens_of(words);
  for (std::size_t i = 0; i + 1 < tokens.size() && i < 2; ++i) {
    const std::string_view word = tokens[i].text;
    if ((word == "pid" || word == "process") && is_pid(tokens[i + 1].text))
      return number_of(tokens[i + 1].text);
  }
  return std::nullopt;
}

bool is_program(std::string_view word) {
  constexpr std::array<std::string_view, 8> kInterpreters = {"python", "node", "ruby", "php",
                                                             "java",   "perl", "bash", "sh"};
  return word.starts_with('/') ||
         std::any_of(kInterpreters.begin(), kInterpreters.end(),
                     [word](std::string_view name) { return word.starts_with(name); });
}

// "4711 /usr/bin/python3 app.py" (pgrep -a), "python3[4711]:", "python3 (4711)", "python3 4711".
std::optional<std::int64_t> beside_a_program(std::string_view line) {
  const auto tokens = tokens_of(bare(line));
  if (tokens.size() >= 2 && is_pid(tokens[0].text) && is_program(tokens[1].text))
    return number_of(tokens[0].text);
  const std::string_view last = tokens.empty() ? std::string_view() : tokens.back().text;
  if (tokens.size() == 2 && is_program(tokens[0].text) && is_pid(bare(last))) return number_of(bare(last));
  const std::size_t open = last.find_first_of("[(");
  if (tokens.size() == 1 && open != last.npos && open > 0 && is_pid(bare(last.substr(open))))
    return number_of(bare(last.substr(open)));
  return std::nullopt;
}

std::optional<Heading> heading_in(std::string_view line, std::size_t number) {
  if (auto pid = behind_the_word(line)) return Heading{number, *pid, true};
  if (auto pid = beside_a_program(line)) return Heading{number, *pid, true};
  if (is_pid(bare(line))) return Heading{number, number_of(bare(line)), false};
  return std::nullopt;
}

enum class Kind { row, heading, time, passed_over, other };

Kind kind_of(std::string_view line) {
  for (const auto row : {lsof_row, descriptor_link, busybox_row, folder_row})
    if (const auto entry = row(line)) return entry->pid ? Kind::other : Kind::row;
  if (!counted_names(line).empty()) return Kind::row;
  if (time_in(line)) return Kind::time;
  if (heading_in(line, 0)) return Kind::heading;
  return line.empty() || line.starts_with("total ") ? Kind::passed_over : Kind::other;
}

// A loop over processes is over at once; one that waits between its rounds counts something.
bool are_rounds(const std::vector<Moment>& times, std::size_t numbers) {
  constexpr std::int64_t kLeastWait_us = 5000000;
  if (times.size() < numbers || times.size() < 2) return false;
  const std::int64_t span = times.back().us - times.front().us;
  return span < 0 || span >= kLeastWait_us * static_cast<std::int64_t>(times.size() - 1);
}

// Whether numbers alone are process ids.
bool are_pids(const std::vector<Heading>& numbers, const std::vector<Moment>& times) {
  if (numbers.empty() || are_rounds(times, numbers.size())) return false;
  bool counts = true, ordinals = true;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    // Of a count of all descriptors before those of databases the difference stays the same.
    const std::int64_t others = numbers[i].number - numbers[i].rows;
    counts = counts && others == numbers[0].number - numbers[0].rows;
    ordinals = ordinals && numbers[i].number - numbers[0].number == static_cast<std::int64_t>(i);
  }
  counts = counts && (numbers.size() > 1 || numbers[0].number == numbers[0].rows);
  return !counts && !(ordinals && numbers[0].number <= 1);
}

}  // namespace

std::map<std::size_t, std::int64_t> pid_lines_of(std::string_view text) {
  std::vector<Heading> named, numbers;
  std::optional<Heading> last;  // behind which no row came yet
  std::vector<Heading>* open = nullptr;
  std::vector<Moment> times;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = clean_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const Kind kind = kind_of(line);
    if (kind == Kind::row) {
      if (last) {
        open = last->named ? &named : &numbers;
        open->push_back(*last);
        last.reset();
      }
      if (open != nullptr) ++open->back().rows;
    } else if (kind == Kind::heading) {
      last = heading_in(line, number);
      open = nullptr;
    } else if (kind == Kind::time) {
      times.push_back(*time_in(line));
    } else if (kind == Kind::other) {
      last.reset();
      open = nullptr;
    }
  }
  if (are_pids(numbers, times)) named.insert(named.end(), numbers.begin(), numbers.end());
  std::map<std::size_t, std::int64_t> lines;
  for (const Heading& heading : named) lines[heading.line] = heading.number;
  return lines;
}

}  // namespace walsoak::watch
