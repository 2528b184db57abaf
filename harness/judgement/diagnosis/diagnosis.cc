#include "harness/judgement/diagnosis/diagnosis.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "harness/judgement/diagnosis/diagnosis_advice.h"
#include "harness/judgement/diagnosis/diagnosis_parts.h"
#include "harness/judgement/finding/finding.h"
#include "harness/model/vocabulary/findings.h"
#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::judgement {
namespace {

using nlohmann::ordered_json;

std::size_t rank_of(const std::string& name) {
  const auto& all = mechanisms_table();
  return static_cast<std::size_t>(
      std::find_if(all.begin(), all.end(), [&](const MechanismInfo& remedy) { return remedy.name == name; }) -
      all.begin());
}

bool is_certain(const Question& question) {
  return question.candidates.front().certain;
}

// What harms before what does not; then the primary one first.
bool comes_before(const Question& a, const Question& b) {
  if (a.harmless != b.harmless) return b.harmless;
  return rank_of(a.candidates.front().name) < rank_of(b.candidates.front().name);
}

std::vector<std::string> names_of(const Question& question) {
  std::vector<std::string> names;
  for (const Candidate& candidate : question.candidates) names.push_back(candidate.name);
  return names;
}

std::string or_text(const std::vector<std::string>& names) {
  if (names.size() == 1) return names.front();
  return fmt::format("{} or {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

std::string capital(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Causes that lead to one another are one story.
std::string story_of(const std::vector<std::string>& named) {
  std::vector<std::string> chain;
  for (const char* name : {kLockLost, kSplitGeneration, kStaleCheckpoint}) {
    if (has(named, name)) chain.emplace_back(name);
  }
  if (chain.size() > 1) return fmt::format("One story: {}.", fmt::join(chain, ", which led to "));
  for (const char* name : {kUnclosedConnection, kZombieConnection, kNotSqlite}) {
    if (has(named, name) && has(named, kDescriptorExhaustion))
      return fmt::format("One story: {}, which led to descriptor exhaustion.", name);
  }
  return {};
}

class Telling {
 public:
  Telling(const facts::ProcessHistory& evidence, const Circumstances& circumstances, Parts parts)
      : evidence_(evidence), circumstances_(circumstances), parts_(std::move(parts)) {}

  Diagnosis made() {
    std::stable_sort(parts_.questions.begin(), parts_.questions.end(), comes_before);
    result_.questions = parts_.questions;
    result_.ruled_out = parts_.ruled_out;
    result_.not_told = parts_.not_told;
    result_.seen = parts_.seen;
    for (const Question& question : result_.questions) {
      if (is_certain(question)) result_.named.push_back(question.candidates.front().name);
    }
    result_.time_left = time_left(evidence_);
    result_.standing = standing();
    result_.verdict = sentences();
    result_.do_now = do_now(result_, circumstances_);
    const NextStep next = next_step(evidence_, circumstances_, parts_, result_);
    result_.next_command = next.command;
    result_.next_why = next.why;
    return std::move(result_);
  }

 private:
  Standing standing() const {
    const auto first = result_.questions.begin();
    if (first != result_.questions.end() && !first->harmless) {
      if (first->candidates.size() == 1 && first->candidates.front().name == kNotSqlite)
        return Standing::elsewhere;
      if (!is_certain(*first)) {
        const bool some =
            std::any_of(result_.questions.begin(), result_.questions.end(),
                        [](const Question& question) { return !question.harmless && is_certain(question); });
        return some ? Standing::named : Standing::open;
      }
      return Standing::named;
    }
    if (!evidence_.cell().watched()) {
      const std::string finding = finding_of_cell().name;
      if (finding == kUnknown) return Standing::unknown;
      return finding == kClean || finding == kChurn || finding == kBoundedGrowth ? Standing::healthy
                                                                                 : Standing::open;
    }
    // A judgement that takes two samples is unknown after one, and growth takes three.
    const bool looked =
        evidence_.samples() >= 3 && !evidence_.databases().empty() && parts_.undecided.empty();
    return looked && is_counted() ? Standing::healthy : Standing::unknown;
  }

  // A folder's files, or lines that were left out, tell of no descriptor.
  bool is_counted() const {
    const auto& all = evidence_.databases();
    return std::all_of(all.begin(), all.end(), [](const auto& named) {
      const facts::Counts& last = named.second.series.last().total;
      return last[facts::Key::kernel_main] || last[facts::Key::kernel_wal];
    });
  }

  Finding finding_of_cell() const {
    const facts::CellFacts& cell = evidence_.cell();
    return cell.interrupted().empty() ? find(cell) : find_so_far(cell);
  }

  std::string sentences() const {
    std::vector<std::string> lines;
    std::vector<std::string> harmless;
    bool harm = false;
    for (const Question& question : result_.questions) {
      if (question.harmless) {
        harmless.push_back((is_certain(question) ? "" : "possibly ") + or_text(names_of(question)));
        continue;
      }
      harm = true;
      const Candidate& first = question.candidates.front();
      if (is_certain(question)) {
        lines.push_back(fmt::format("{}{}: {}.", lines.empty() ? "" : "Also ",
                                    lines.empty() ? capital(first.name) : first.name,
                                    mechanism_info(first.name).meaning));
      } else if (question.candidates.size() > 1) {
        lines.push_back(
            fmt::format("{}: {}, in order of fit; {} cannot tell which.", capital(question.seen),
                        or_text(names_of(question)),
                        evidence_.cell().watched() ? "the kernel's ledger alone" : "the ledgers at hand"));
      } else {
        lines.push_back(
            fmt::format("{}: {} is possible, and not established.", capital(question.seen), first.name));
      }
    }
    if (const std::string story = story_of(result_.named); !story.empty()) lines.push_back(story);
    if (!harm) lines.push_back(without_harm());
    if (!harmless.empty())
      lines.push_back(fmt::format("{}: {}.", harm ? "Beside it, and no leak" : "Seen, and no leak",
                                  fmt::join(harmless, "; ")));
    return fmt::format("{}", fmt::join(lines, " "));
  }

  std::string without_harm() const {
    const std::string extent = extent_text(evidence_);
    if (!evidence_.cell().watched()) {
      const Finding finding = finding_of_cell();
      return result_.standing == Standing::healthy
                 ? fmt::format("Nothing wrong was seen in {}: {}.", extent, finding.name)
                 : fmt::format("{}, and no mechanism is named for it: {}.", capital(finding.name),
                               finding.evidence.empty() ? "no numbers" : finding.evidence.front());
    }
    if (evidence_.samples() == 0) return "Nothing can be told: there is no sample.";
    if (evidence_.databases().empty())
      return fmt::format("No database was seen in {}: neither sidecars nor SQLite's locks{}.", extent,
                         evidence_.is_peeked() ? " nor the first bytes of one" : "");
    if (!is_counted())
      return fmt::format("Nothing wrong is seen, but the descriptors on a database are not shown in {}.",
                         extent);
    if (evidence_.samples() < 3)
      return fmt::format("Nothing wrong is seen, but {} cannot tell whether anything grows.", extent);
    if (!parts_.undecided.empty())
      return fmt::format("Nothing is seen in {} that must be wrong, and nothing that shows it is well: {}.",
                         extent, parts_.undecided);
    const bool no_locks = parts_.locks_missing || circumstances_.listing;
    return fmt::format(
        "Nothing wrong was seen in {}: no database's descriptors grow, {}no file is deleted, replaced or "
        "shortened{}.",
        extent, no_locks ? "" : "no lock is lost, ", no_locks ? "; locks could not be read" : "");
  }

  const facts::ProcessHistory& evidence_;
  const Circumstances& circumstances_;
  Parts parts_;
  Diagnosis result_;
};

const char* word_of(Standing standing) {
  switch (standing) {
    case Standing::named:
      return "named";
    case Standing::open:
      return "open";
    case Standing::elsewhere:
      return "elsewhere";
    case Standing::healthy:
      return "healthy";
    case Standing::unknown:
      break;
  }
  return "unknown";
}

ordered_json lines_json(const std::vector<Line>& lines, const char* what) {
  ordered_json list = ordered_json::array();
  for (const Line& line : lines) list.push_back({{"name", line.name}, {what, line.text}});
  return list;
}

}  // namespace

Diagnosis diagnose(const facts::ProcessHistory& evidence, const Circumstances& circumstances) {
  Parts parts;
  if (evidence.cell().watched()) {
    if (evidence.samples() > 0) {
      look_at_counts(evidence, parts);
      look_at_files(evidence, parts);
      look_at_transactions(evidence, parts);
      look_at_library(evidence, parts);
    }
  } else {
    look_at_ledgers(evidence, parts);
  }
  return Telling(evidence, circumstances, std::move(parts)).made();
}

ordered_json Diagnosis::to_json() const {
  ordered_json json{{"standing", word_of(standing)}, {"verdict", verdict}, {"named", named}};
  json["consistent_with"] = ordered_json::array();
  std::int64_t number = 0;
  for (const Question& question : questions) {
    ++number;
    for (const Candidate& candidate : question.candidates) {
      const MechanismInfo& remedy = mechanism_info(candidate.name);
      json["consistent_with"].push_back({{"name", candidate.name},
                                         {"question", number},
                                         {"certain", candidate.certain},
                                         {"harmless", question.harmless},
                                         {"seen", question.seen},
                                         {"evidence", candidate.evidence},
                                         {"what", remedy.meaning},
                                         {"risk", remedy.risk},
                                         {"cures", remedy.cures},
                                         {"does_not_cure", remedy.no_cures}});
    }
  }
  json["ruled_out"] = lines_json(ruled_out, "because");
  json["not_told"] = lines_json(not_told, "needs");
  json["seen"] = seen;
  json["time_left"] = nullptr;
  if (time_left) {
    json["time_left"] = {{"seconds", time_left->seconds ? ordered_json(*time_left->seconds) : ordered_json()},
                         {"samples", time_left->samples},
                         {"numbers", time_left->numbers}};
  }
  json["do_now"] = do_now;
  json["next_command"] = next_command.empty() ? ordered_json() : ordered_json(next_command);
  json["next_why"] = next_why.empty() ? ordered_json() : ordered_json(next_why);
  return json;
}

}  // namespace walsoak::judgement
