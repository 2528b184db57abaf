// The history of a process for a diagnosis: a cell's facts and, of a process that walsoak did not start, the
// history of each of its databases. Folded line by line as CellFacts; its memory grows with the databases,
// not with the samples.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "harness/evidence/facts/facts.h"

namespace walsoak::facts {

// The episodes of one state of a database: the samples that showed it, and the longest run of them.
struct Episode {
  std::int64_t samples = 0;      // at which it was seen
  std::int64_t first_tick = -1;  // of all
  std::int64_t longest_us = 0;   // from the first sample of a spell to its last
  bool now = false;              // at the last sample that could tell
  std::string numbers;           // at the last sample that showed it

  void note(bool seen, std::int64_t tick, std::int64_t t_us, const std::string& seen_numbers);

 private:
  std::int64_t since_us_ = 0;
};

// One database of a watched process. Locks, deleted and replaced files come from quiet samples only;
// board_state.h decides each state.
struct DatabaseHistory {
  SampleSeries series;  // its own counts; in WAL mode 0 at the samples before it was found
  std::int64_t quiet_samples = 0;

  Episode unlocked;            // a -wal held, neither POSIX nor OFD lock on the main's shared range
  Episode unguarded;           // of these: nor a lock on the -shm's byte 128, which SQLite 3.51.0 asks for
  Episode index_unlocked;      // the main's lock held, and a live -shm without one on its byte 128
  bool locks_unknown = false;  // at some sample with a -wal
  std::int64_t locked = 0;     // samples with a -wal and a lock

  Episode deleted_unlocked, deleted_locked,
      deleted_unknown;          // a deleted sidecar beside a live main, by its lock
  Episode replaced;             // a main deleted, or not the file at the path
  bool main_not_shown = false;  // while deleted sidecars were, at some sample
  bool deleted_not_shown = false, replaced_not_shown = false;  // at some sample: a listing may not tell
  bool nothing_at_path = false;  // and no file was there, at the last such sample
  Episode two_indexes;           // two or more -shm of one file that are not deleted
  std::string parked;  // numbers of a fall of -wal that main did not follow: empty where there was none

 private:
  friend class ProcessHistory;
  Counts before_;
  bool any_ = false;
};

class ProcessHistory {
 public:
  // As CellFacts::accept.
  void accept(const nlohmann::ordered_json& line);

  // As CellFacts::note_cut.
  void note_cut(std::uint64_t line, std::uint64_t byte) { cell_.note_cut(line, byte); }

  const CellFacts& cell() const { return cell_; }
  // Of a watched process; empty otherwise.
  const std::map<std::string, DatabaseHistory>& databases() const { return databases_; }
  // The process's descriptors that are on no database, in place of descriptors_net; of these those on files
  // that are named like databases stand apart.
  const SampleSeries& elsewhere() const { return elsewhere_; }
  const SampleSeries& database_like() const { return database_like_; }
  // All descriptors of the process in that place; of any cell.
  const SampleSeries& everything() const { return everything_; }
  // Whether samples were due by the clock, so that their times are a pace.
  bool is_clocked() const { return clocked_; }
  // Whether files that are named like databases were told by their first bytes.
  bool is_peeked() const { return peeked_; }
  // From the first sample to the last; 0 where samples carry no time.
  std::int64_t span_us() const { return last_us_ - first_us_; }
  std::int64_t samples() const { return samples_; }
  // "db1" -> the path that the stream names.
  const std::map<std::string, std::string>& paths() const { return paths_; }
  // The SQLite libraries of a watched process, file and version, as they were when a database was last found;
  // nothing where they were not looked for.
  using Libraries = std::map<std::string, std::string>;
  const std::optional<Libraries>& libraries() const { return libraries_; }
  // The header's `subject`; an empty object where there is none.
  const nlohmann::ordered_json& subject() const { return subject_; }

 private:
  void accept_header(const nlohmann::ordered_json& line);
  void accept_any(const nlohmann::ordered_json& line, const Sample& sample);
  void accept_watched(const nlohmann::ordered_json& line, const Sample& sample);
  DatabaseHistory& course_of(const std::string& name, const Counts& counts);

  CellFacts cell_;
  SampleSeries none_;  // what a database has at the samples before it is found
  SampleSeries elsewhere_, database_like_, everything_;
  bool clocked_ = false, peeked_ = false;
  std::map<std::string, DatabaseHistory> databases_;
  std::map<std::string, std::string> paths_;
  std::optional<Libraries> libraries_;
  nlohmann::ordered_json subject_ = nlohmann::ordered_json::object();
  std::int64_t samples_ = 0, first_us_ = 0, last_us_ = 0;
};

}  // namespace walsoak::facts
