#include "harness/field/rows/line_time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "harness/field/rows/line_text.h"

namespace walsoak::watch {
namespace {

constexpr std::int64_t kSecond_us = 1000000, kHour_us = 3600 * kSecond_us, kDay_us = 24 * kHour_us;
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Clock {
  std::int64_t us;
  std::size_t begin, end;  // in the line
};

bool digits_at(std::string_view line, std::size_t at, std::size_t count) {
  return at + count <= line.size() && is_number(line.substr(at, count));
}
bool digit_at(std::string_view line, std::size_t at) {
  return digits_at(line, at, 1);
}

// ".5", ",500": what stands behind whole seconds.
std::int64_t fraction_us(std::string_view line, std::size_t& at) {
  if (at >= line.size() || (line[at] != '.' && line[at] != ',') || !digit_at(line, at + 1)) return 0;
  std::int64_t us = 0;
  for (std::int64_t unit = kSecond_us / 10; digit_at(line, ++at); unit /= 10) us += unit * (line[at] - '0');
  return us;
}

// The first HH:MM:SS that is no part of a longer run.
std::optional<Clock> clock_in(std::string_view line) {
  for (std::size_t colon = line.find(':'); colon != line.npos; colon = line.find(':', colon + 1)) {
    if (!digits_at(line, colon + 1, 2) || colon + 3 >= line.size() || line[colon + 3] != ':' ||
        !digits_at(line, colon + 4, 2) || digit_at(line, colon + 6)) {
      continue;
    }
    std::size_t begin = colon;
    while (begin > 0 && digit_at(line, begin - 1)) --begin;
    if (begin == colon || colon - begin > 2 || (begin > 0 && line[begin - 1] == ':')) continue;
    std::size_t end = colon + 6;
    if (end < line.size() && line[end] == ':') continue;
    const std::int64_t hours = number_of(line.substr(begin, colon - begin));
    const std::int64_t minutes = number_of(line.substr(colon + 1, 2));
    const std::int64_t seconds = number_of(line.substr(colon + 4, 2));
    if (hours > 23 || minutes > 59 || seconds > 60) continue;
    const std::int64_t us = hours * kHour_us + (minutes * 60 + seconds) * kSecond_us;
    return Clock{us + fraction_us(line, end), begin, end};
  }
  return std::nullopt;
}

std::int64_t half_day_us(std::string_view behind, std::int64_t us) {
  const auto tokens = tokens_of(behind);
  if (tokens.empty()) return 0;
  if (tokens[0].text == "PM" || tokens[0].text == "pm") return us < 12 * kHour_us ? 12 * kHour_us : 0;
  if (tokens[0].text == "AM" || tokens[0].text == "am") return us >= 12 * kHour_us ? -12 * kHour_us : 0;
  return 0;
}

std::optional<std::int64_t> days(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// "2026-05-22" or "2026/05/22", right before the clock with one character between.
std::optional<std::int64_t> iso_days(std::string_view line, std::size_t clock) {
  if (clock < 11) return std::nullopt;
  const std::string_view date = line.substr(clock - 11, 10);
  if (!is_number(date.substr(0, 4)) || !is_number(date.substr(5, 2)) || !is_number(date.substr(8, 2)) ||
      (date[4] != '-' && date[4] != '/') || date[7] != date[4]) {
    return std::nullopt;
  }
  return days(number_of(date.substr(0, 4)), number_of(date.substr(5, 2)), number_of(date.substr(8, 2)));
}

// A month's name with a day beside it, and a year: of the words within `reach` of the clock.
std::optional<std::int64_t> named_days(std::string_view line, const Clock& clock) {
  constexpr std::size_t kReach = 32;
  const std::size_t from = clock.begin > kReach ? clock.begin - kReach : 0;
  std::optional<std::int64_t> month, day, year;
  for (const Token& token : tokens_of(line.substr(from, clock.end + kReach - from))) {
    std::string_view word = token.text;
    while (!word.empty() && (word.back() == ',' || word.back() == '.' || word.back() == ']'))
      word.remove_suffix(1);
    while (!word.empty() && word.front() == '[') word.remove_prefix(1);
    const auto named = std::find(kMonths.begin(), kMonths.end(), word);
    if (named != kMonths.end() && !month) {
      month = named - kMonths.begin() + 1;
    } else if (is_number(word) && word.size() <= 2 && !day) {
      day = number_of(word);
    } else if (is_number(word) && word.size() == 4 && !year) {
      year = number_of(word);
    }
  }
  if (!month || !day) return std::nullopt;
  // Without a year (syslog) only differences count: any that is no leap year's end will do.
  return days(year.value_or(1972), *month, *day);
}

}  // namespace

std::optional<Moment> time_in(std::string_view line) {
  constexpr std::size_t kEpochDigits = 10;
  if (line.size() == kEpochDigits && is_number(line) && line[0] == '1')
    return Moment{number_of(line) * kSecond_us, true};
  const auto clock = clock_in(line);
  if (!clock) return std::nullopt;
  const std::int64_t us = clock->us + half_day_us(line.substr(clock->end), clock->us);
  auto date = iso_days(line, clock->begin);
  if (!date) date = named_days(line, *clock);
  return Moment{us + date.value_or(0) * kDay_us, date.has_value()};
}

}  // namespace walsoak::watch
