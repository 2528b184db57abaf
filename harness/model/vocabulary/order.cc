#include "harness/model/vocabulary/order.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace walsoak {
namespace {

constexpr std::array<std::string_view, 6> kSingle = {"triage",   "dispatch", "probe",
                                                     "notifier", "slash",    "workers"};
constexpr std::array<std::string_view, 3> kNumbered = {"outside", "dashboard", "dispatcher"};

constexpr std::int64_t kMostActs = 100000;  // order_of() expands repeats

std::optional<OrderedAct> act_of(std::string_view word) {
  if (std::find(kSingle.begin(), kSingle.end(), word) != kSingle.end()) {
    return OrderedAct{std::string(word), 0, std::string(word)};
  }
  const std::size_t dash = word.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view actor = word.substr(0, dash);
  const std::string_view digits = word.substr(dash + 1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = error == std::errc() && end == digits.data() + digits.size() && digits.front() != '0';
  const bool known = std::find(kNumbered.begin(), kNumbered.end(), actor) != kNumbered.end();
  if (!known || !whole || number < 1 || (actor == "dispatcher" && number != 2)) return std::nullopt;
  return OrderedAct{std::string(actor), number, std::string(word)};
}

// Splits at any of `marks` and trims blanks; keeps empty pieces.
std::vector<std::string_view> pieces(std::string_view text, std::string_view marks) {
  std::vector<std::string_view> cut;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(marks, begin), text.size());
    std::string_view piece = text.substr(begin, end - begin);
    piece.remove_prefix(std::min(piece.find_first_not_of(' '), piece.size()));
    piece = piece.substr(0, piece.find_last_not_of(' ') + 1);
    cut.push_back(piece);
    begin = end + 1;
  }
  return cut;
}

struct Tick {
  std::int64_t times = 1;  // 0: invalid number
  std::string_view acts;
};

// "21 x dispatch, probe" are 21 ticks.
Tick tick_of(std::string_view text) {
  const std::size_t mark = text.find(" x");
  const bool counted = mark != std::string_view::npos && mark < text.find(',') &&
                       (mark + 2 == text.size() || text[mark + 2] == ' ');
  if (!counted) return {1, text};
  Tick tick{0, text.substr(std::min(mark + 3, text.size()))};
  std::int64_t times = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + mark, times);
  if (error == std::errc() && end == text.data() + mark && times >= 1 && times <= kMostActs)
    tick.times = times;
  return tick;
}

}  // namespace

std::vector<std::vector<OrderedAct>> order_of(std::string_view text) {
  std::vector<std::vector<OrderedAct>> ticks;
  if (text.empty()) return ticks;
  for (const std::string_view piece : pieces(text, ";")) {
    const Tick tick = tick_of(piece);
    std::vector<OrderedAct> acts;
    for (const std::string_view word : pieces(tick.acts, ",")) {
      if (auto act = act_of(word)) acts.push_back(std::move(*act));
    }
    ticks.insert(ticks.end(), static_cast<std::size_t>(tick.times), acts);
  }
  return ticks;
}

std::string why_no_order(const nlohmann::json& value) {
  constexpr const char* kForm =
      "valid: acts between commas, ticks between semicolons, as \"10 x triage, dispatch, probe; outside-1, "
      "dispatch, "
      "workers\"";
  if (!value.is_string()) return kForm;
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty()) return {};
  std::int64_t acts = 0;
  for (const std::string_view piece : pieces(text, ";")) {
    const Tick tick = tick_of(piece);
    if (tick.times == 0)
      return fmt::format("\"{}\" does not begin with a number of ticks from 1 on; {}", piece, kForm);
    for (const std::string_view word : pieces(tick.acts, ",")) {
      acts += tick.times;
      if (word.empty()) return fmt::format("a tick or a place between commas is empty; {}", kForm);
      if (act_of(word)) continue;
      return fmt::format(
          "there is no act \"{}\"; the acts are {}, outside-N, dashboard-N and dispatcher-2; {}", word,
          fmt::join(kSingle, ", "), kForm);
    }
    if (acts > kMostActs)
      return fmt::format("it has more than {} acts; behind the last tick the first comes again", kMostActs);
  }
  return {};
}

}  // namespace walsoak
