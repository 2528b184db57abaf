#include "harness/judgement/finding/finding.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "harness/judgement/finding/growth.h"
#include "harness/judgement/finding/watched_growth.h"
#include "harness/model/vocabulary/findings.h"

namespace walsoak::judgement {
namespace {

constexpr std::int64_t kPassesThatWedge = 3;

// At most so many lines of boards, and how many more there are.
constexpr std::size_t kMostBoards = 8;
std::string joined(std::vector<std::string> boards) {
  const std::size_t all = boards.size();
  if (all > kMostBoards) {
    boards.resize(kMostBoards);
    boards.push_back(fmt::format("and {} more", all - kMostBoards));
  }
  return fmt::format("{}", fmt::join(boards, "; "));
}

// What the live views lacked, where they lacked something: rows, or an answer at all.
void add_view(const facts::DataFacts& data, const char* check, std::vector<std::string>& evidence) {
  std::vector<std::string> lines;
  for (const std::string& board : data.boards()) {
    const facts::BoardView& seen = data.view(check, board);
    const facts::BoardView& log = data.view("acknowledged", board);
    if (!seen.looked) continue;
    if (!seen.readable) {
      lines.push_back(
          fmt::format("{}: rows {} could not be read: {} {}", board, check, seen.code, seen.message));
    } else if (const facts::Rows lost = log.readable ? data.lost_rows(check, board) : facts::Rows{};
               !lost.empty()) {
      lines.push_back(fmt::format("{}: {} acknowledged rows are not there seen from {} ({})", board,
                                  facts::row_count(lost), check, facts::rows_text(lost)));
    }
  }
  if (!lines.empty()) evidence.push_back(joined(std::move(lines)));
}

// Names the first that holds; what is unknown ahead of it makes the finding unknown. `clean` says why it is
// clean where none does.
Finding first_that_holds(const std::vector<std::pair<const char*, Judgement>>& tried, std::string clean) {
  Finding finding;
  bool named = false;
  for (const auto& [name, judgement] : tried) {
    if (judgement.presence == Presence::no) continue;
    const bool holds = judgement.presence == Presence::yes;
    if (!named) {
      named = true;
      finding.name = holds ? name : kUnknown;
      finding.evidence.insert(finding.evidence.begin(),
                              holds ? judgement.evidence : fmt::format("{}: {}", name, judgement.evidence));
    } else if (holds) {
      finding.also.emplace_back(name);
      finding.evidence.push_back(fmt::format("{}: {}", name, judgement.evidence));
    }
  }
  if (!named) {
    finding.name = kClean;
    finding.evidence.push_back(std::move(clean));
  }
  return finding;
}

// Of a process whose rows and passes nobody looked at.
Finding find_in_descriptors(const facts::CellFacts& facts) {
  return first_that_holds(
      // A danger to rows makes a harmless finding unknown.
      {{kLeak, watched_leak(facts)},
       {kDataLoss, watched_danger(facts)},
       {kBoundedGrowth, watched_bounded(facts)},
       {kChurn, churn(facts)}},
      fmt::format("nothing grew in {} samples; rows were not looked at", facts.watched_facts().samples()));
}

}  // namespace

Judgement data_loss(const facts::DataFacts& data) {
  std::vector<std::string> seen, unknown;
  if (data.boards().empty()) unknown.emplace_back("no boards are known");
  for (const std::string& board : data.boards()) {
    const Judgement sound = data.sound(board);
    if (sound.presence == Presence::no) seen.push_back(sound.evidence);
    if (sound.presence == Presence::unknown) unknown.push_back(sound.evidence);
    const facts::BoardView& log = data.view("acknowledged", board);
    const facts::BoardView& final_copy = data.view("final", board);
    if (!log.readable) {
      unknown.push_back(board + ": acknowledgements were not read");
    } else if (final_copy.readable && !data.spoilt(board)) {
      const facts::Rows lost = data.lost_rows("final", board);
      if (!lost.empty()) {
        seen.push_back(fmt::format("{}: {} of {} acknowledged commits are not in the final copy ({})", board,
                                   facts::row_count(lost), facts::row_count(log.rows),
                                   facts::rows_text(lost)));
      }
    }
  }
  if (!seen.empty()) return {Presence::yes, joined(std::move(seen))};
  if (!unknown.empty()) return {Presence::unknown, joined(std::move(unknown))};
  return {Presence::no, fmt::format("0 of {} acknowledged commits lost, integrity ok on {} boards",
                                    text(data.acknowledged()), data.boards().size())};
}

Judgement wedged(const facts::StepFacts& steps) {
  std::vector<std::string> seen, unknown;
  for (const auto& [board, passes] : steps.boards()) {
    if (passes.failed_in_a_row >= kPassesThatWedge) {
      seen.push_back(
          fmt::format("{}: the last {} of {} passes failed", board, passes.failed_in_a_row, passes.passes));
    } else if (passes.failed_in_a_row == passes.passes) {
      unknown.push_back(
          fmt::format("{}: all {} passes failed, too few to say that it is wedged", board, passes.passes));
    }
  }
  if (!seen.empty()) return {Presence::yes, joined(std::move(seen))};
  if (!unknown.empty()) return {Presence::unknown, joined(std::move(unknown))};
  if (steps.passes() == 0) return {Presence::unknown, "no dispatch pass was made"};
  return {Presence::no, {}};
}

Judgement failing(const facts::StepFacts& steps) {
  std::vector<std::string> seen;
  for (const auto& [board, passes] : steps.boards()) {
    if (passes.failed > 0 && passes.failed_in_a_row < kPassesThatWedge) {
      seen.push_back(fmt::format("{}: {} of {} passes failed", board, passes.failed, passes.passes));
    }
  }
  if (!seen.empty()) return {Presence::yes, joined(std::move(seen))};
  return {Presence::no, {}};
}

Judgement churn(const facts::CellFacts& facts) {
  if (facts.watched()) {
    if (!facts.watched_facts().churns()) return {Presence::no, {}};
    return {
        Presence::yes,
        fmt::format("a -wal was gone or another one at the next sample {} times, each after a last close, "
                    "this process's or another's",
                    facts.watched_facts().wal_turnover())};
  }
  const Count growth = facts.last_closes_growth();
  if (!growth) return {Presence::unknown, "it is not known how often a connection in scope closed last"};
  if (*growth <= 0) return {Presence::no, {}};
  return {Presence::yes,
          fmt::format("{} last closes by actors in scope after warm-up, each unlinks a board's -wal and -shm",
                      *growth)};
}

Finding find(const facts::CellFacts& facts) {
  if (std::string why = facts.interrupted(); !why.empty()) {
    Finding finding;
    finding.evidence.push_back(std::move(why));
    return finding;
  }
  if (facts.watched()) return find_in_descriptors(facts);
  const Judgement data = data_loss(facts.data());
  const Growth growth(facts.series());
  Finding finding = first_that_holds({{kDataLoss, data},
                                      {kWedged, wedged(facts.steps())},
                                      {kFailing, failing(facts.steps())},
                                      {kLeak, growth.leak()},
                                      {kBoundedGrowth, growth.bounded()},
                                      {kChurn, churn(facts)}},
                                     data.evidence);
  add_view(facts.data(), "inside", finding.evidence);
  add_view(facts.data(), "outside", finding.evidence);
  return finding;
}

Finding find_so_far(const facts::CellFacts& facts) {
  if (facts.watched()) return find_in_descriptors(facts);
  const Growth growth(facts.series());
  return first_that_holds({{kWedged, wedged(facts.steps())},
                           {kFailing, failing(facts.steps())},
                           {kLeak, growth.leak()},
                           {kBoundedGrowth, growth.bounded()},
                           {kChurn, churn(facts)}},
                          fmt::format("nothing seen in {} passes", facts.steps().passes()));
}

}  // namespace walsoak::judgement
