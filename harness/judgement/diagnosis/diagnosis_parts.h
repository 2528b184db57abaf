// What the parts of a diagnosis hand to one another; for the diagnosis's own files. Each part looks at one
// kind of trace, and says of every mechanism that it can judge whether it is a question, ruled out or not
// told.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judgement/diagnosis/diagnosis.h"
#include "harness/judgement/finding/count_pattern.h"

namespace walsoak::judgement {

struct Parts {
  std::vector<Question> questions;
  std::vector<Line> ruled_out, not_told;
  std::vector<std::string> seen;
  bool more_samples = false;     // would tell what is open
  bool peek_would_tell = false;  // whether files that are named like databases are some
  bool locks_missing = false;    // locks could not be read
  std::string undecided;  // what may be well or not, where nothing that is seen from outside says which

  void ask(std::string seen_words, std::vector<Candidate> candidates, bool harmless = false) {
    questions.push_back({std::move(seen_words), std::move(candidates), harmless});
  }
  // Whether it is a candidate of some question so far; with `harmful`, of one that harms.
  bool asks_about(std::string_view name, bool harmful = false) const {
    return std::any_of(questions.begin(), questions.end(), [name, harmful](const Question& question) {
      if (harmful && question.harmless) return false;
      return std::any_of(question.candidates.begin(), question.candidates.end(),
                         [name](const Candidate& candidate) { return candidate.name == name; });
    });
  }
  void rule_out(std::string name, std::string text) {
    ruled_out.push_back({std::move(name), std::move(text)});
  }
  void cannot_tell(std::string name, std::string text) {
    not_told.push_back({std::move(name), std::move(text)});
  }
};

// Of a watched process: what the counts of descriptors do; and locks, deleted and replaced files, the -wal's
// size.
void look_at_counts(const facts::ProcessHistory& evidence, Parts& parts);
void look_at_files(const facts::ProcessHistory& evidence, Parts& parts);
// Of a watched process: transactions that are open at every sample.
void look_at_transactions(const facts::ProcessHistory& evidence, Parts& parts);
// Of a watched process: whether its SQLite versions have the WAL-reset bug.
void look_at_library(const facts::ProcessHistory& evidence, Parts& parts);
// Of a cell of walsoak's own: the judgements of mechanisms_of.
void look_at_ledgers(const facts::ProcessHistory& evidence, Parts& parts);

std::optional<TimeLeft> time_left(const facts::ProcessHistory& evidence);

// "20 samples over 3.2 min".
std::string extent_text(const facts::ProcessHistory& evidence);
// "db1", "db1 and db2", "db1, db2, db3 and 5 more".
std::string names_text(const std::vector<std::string>& names);
// The same of lines, with semicolons.
std::string lines_text(const std::vector<std::string>& lines);
// db2 before db10.
std::vector<std::string> by_number(const std::map<std::string, facts::DatabaseHistory>& databases);

}  // namespace walsoak::judgement
