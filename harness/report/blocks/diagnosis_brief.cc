#include "harness/report/blocks/diagnosis_brief.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "harness/base/shared/span_text.h"

namespace walsoak::report {
namespace {

constexpr std::size_t kMostSeen = 2;

bool is_in(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::string joined(std::vector<std::string> all, const char* between) {
  const std::size_t more = all.size() > kMostSeen ? all.size() - kMostSeen : 0;
  if (more > 0) all.resize(kMostSeen);
  std::string text = fmt::format("{}", fmt::join(all, between));
  return more > 0 ? text + fmt::format("{}{} more", between, more) : text;
}

bool harms(const Json& candidate) {
  return !candidate.at("harmless").get<bool>();
}

std::string what_is_seen(const Json& cell) {
  std::vector<std::string> seen;
  const Json& candidates = cell.at("consistent_with");
  const bool harm = std::any_of(candidates.begin(), candidates.end(), harms);
  for (const Json& candidate : candidates) {
    if (harm && !harms(candidate)) continue;
    if (std::string words = candidate.at("seen"); !is_in(seen, words)) seen.push_back(std::move(words));
  }
  if (seen.empty()) seen = strings(cell.at("seen"));
  if (seen.empty()) seen.push_back("no database");
  std::string text = joined(std::move(seen), "; ");
  if (const Json& left = cell.at("time_left"); !left.is_null()) {
    const double samples = left.at("samples").get<double>();
    text += fmt::format("; {} to the limit ({})",
                        left.at("seconds").is_null() ? fmt::format("about {:.0f} more such samples", samples)
                                                     : "about " + span_text(left.at("seconds").get<double>()),
                        shown(left.at("numbers")));
  }
  const char* between = ". ";
  for (const Json& remark : cell.at("remarks")) text += std::exchange(between, " ") + shown(remark);
  return text;
}

// Of each question the causes that are left, and what the first one is.
std::string what_it_means(const Json& cell) {
  struct Answer {
    std::int64_t question;
    std::vector<std::string> names;
    std::string what, risk;
    bool certain;
  };
  std::vector<Answer> answers;
  for (const Json& candidate : cell.at("consistent_with")) {
    if (!harms(candidate)) continue;
    const auto question = candidate.at("question").get<std::int64_t>();
    if (answers.empty() || answers.back().question != question)
      answers.push_back({question,
                         {},
                         shown(candidate.at("what")),
                         shown(candidate.at("risk")),
                         candidate.at("certain").get<bool>()});
    answers.back().names.push_back(shown(candidate.at("name")));
  }
  if (answers.empty()) return shown(cell.at("verdict"));
  std::vector<std::string> texts;
  for (const Answer& answer : answers) {
    // What it leads to where that leaves room in a line that is read at a glance.
    constexpr std::size_t kRoom = 240;
    const std::string risk =
        answer.what.size() + answer.risk.size() < kRoom ? "; " + answer.risk : std::string();
    texts.push_back(answer.names.size() == 1 ? fmt::format("{}{}: {}{}", answer.certain ? "" : "possibly ",
                                                           answer.names.front(), answer.what, risk)
                                             : fmt::format("one of {}; if it is the first, {}",
                                                           fmt::join(answer.names, ", "), answer.what));
  }
  return joined(std::move(texts), ". Also ");
}

}  // namespace

std::string brief_lines(const Json& cell) {
  const bool settled = cell.at("next_command").is_null();
  return fmt::format(
      "  seen:    {}\n  means:   {}\n  do now:  {}\n  settles: {}\n", what_is_seen(cell), what_it_means(cell),
      shown(cell.at("do_now")),
      settled ? "nothing is left open"
              : fmt::format("{}   ({})", shown(cell.at("next_command")), shown(cell.at("next_why"))));
}

}  // namespace walsoak::report
