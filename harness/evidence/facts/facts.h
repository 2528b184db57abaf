// All that a cell's stream says, folded line by line: the input of findings, mechanisms, metrics and
// verdicts. Its memory grows with boards and writers, not with ticks or the length of the stream.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/evidence/facts/board_watch.h"
#include "harness/evidence/facts/data.h"
#include "harness/evidence/facts/database_history.h"
#include "harness/evidence/facts/deaths.h"
#include "harness/evidence/facts/ledgers.h"
#include "harness/evidence/facts/pace.h"
#include "harness/evidence/facts/series.h"
#include "harness/evidence/facts/steps.h"
#include "harness/evidence/facts/watched.h"

namespace walsoak::facts {

class CellFacts {
 public:
  // Any line of a stream, in order; the header comes first. Lines of a type that is not known are left out.
  // Throws std::invalid_argument or nlohmann::json::exception on a line whose shape is not that of
  // docs/record.md.
  void accept(const nlohmann::ordered_json& line);

  // That the stream ends within this line, at this byte of the file: the line is only a part.
  void note_cut(std::uint64_t line, std::uint64_t byte);

  // Why the cell did not come to its end: empty if it did.
  std::string interrupted() const;
  // The threshold that ended it early and in good order: empty if none did.
  const std::string& aborted() const { return aborted_; }
  // Real time from the start of its processes to its end.
  Count elapsed_us() const { return elapsed_us_; }

  const nlohmann::ordered_json& settings() const { return settings_; }
  // {"subject":{...},"checker":{...}} as the header has it.
  const nlohmann::ordered_json& roles() const { return roles_; }
  // What the subject declared of its strategy; empty where it did not.
  const nlohmann::ordered_json& strategy() const { return strategy_; }
  // Whether the clock ordered the steps (setting `mode` free).
  bool free_running() const { return free_running_; }
  // Whether the cell is a process that walsoak did not start (setting `mode` watch): nothing but the kernel
  // tells of it, and neither rows nor passes were looked at.
  bool watched() const { return reader_.watched(); }
  const SampleReader& reader() const { return reader_; }
  const WatchedFacts& watched_facts() const { return watched_facts_; }
  // Of a watched process; empty otherwise.
  const DatabaseHistories& histories() const { return histories_; }
  const SampleSeries& series() const { return series_; }
  const LedgerAudit& ledgers() const { return ledgers_; }
  const BoardWatch& watch() const { return watch_; }
  const StepFacts& steps() const { return steps_; }
  const DataFacts& data() const { return data_; }
  const Deaths& deaths() const { return deaths_; }
  // Of a free-running cell; empty in lockstep.
  const Pace& pace() const { return pace_; }

  // Last closes (-wal unlinked) by actors in scope, since the start: after warm-up and at the last sample
  // that counts. From the VFS ledger, or where there is none from what the folder showed during their steps;
  // unknown where a free-running cell has none.
  Count last_closes_first() const { return last_closes_first_; }
  Count last_closes_last() const { return last_closes_last_; }
  // The growth is 0, without such a count too, where no connection in scope was opened and as many are open.
  Count last_closes_growth() const;

 private:
  void accept_header(const nlohmann::ordered_json& line);
  void accept_sample(const nlohmann::ordered_json& line);

  bool header_seen_ = false;
  bool free_running_ = false;
  WatchedFacts watched_facts_;
  DatabaseHistories histories_;
  SampleReader reader_;
  nlohmann::ordered_json settings_ = nlohmann::ordered_json::object();
  nlohmann::ordered_json roles_ = nlohmann::ordered_json::object();
  nlohmann::ordered_json strategy_ = nlohmann::ordered_json::object();
  SampleSeries series_;
  LedgerAudit ledgers_;
  BoardWatch watch_;
  StepFacts steps_;
  DataFacts data_;
  Deaths deaths_;
  Pace pace_;
  Count last_closes_first_, last_closes_last_;
  bool ended_ = false;
  std::string cut_;  // where the stream is cut off; empty where it is not
  std::string end_reason_;
  std::string aborted_;
  Count elapsed_us_;
};

}  // namespace walsoak::facts
