// The databases of a watched process over time: the counts of each, and the episodes of what is wrong with
// its locks and files. Folded sample by sample; memory grows with the databases, not with the samples.
// Findings, mechanisms, watch and diagnose all ask here.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/shared/tristate.h"
#include "harness/evidence/facts/board_state.h"
#include "harness/evidence/facts/series.h"

namespace walsoak::facts {

// The episodes of one state of a database: the samples that showed it, and the longest run of them.
struct Episode {
  std::int64_t samples = 0;      // at which it was seen
  std::int64_t first_tick = -1;  // of all
  std::int64_t longest_us = 0;   // from the first sample of an episode to its last
  bool now = false;              // at the last sample that could tell
  std::string numbers;           // at the last sample that showed it

  void note(bool seen, std::int64_t tick, std::int64_t t_us, const std::string& seen_numbers);

 private:
  std::int64_t since_us_ = 0;
};

// One database. Locks, deleted and replaced files come from quiet samples only; board_state.h decides each
// state.
struct DatabaseHistory {
  SampleSeries series;  // its own counts; in WAL mode 0 at the samples before it was found
  std::int64_t all_samples = 0, quiet_samples = 0;

  Episode unlocked;            // BoardState::lock_lost
  Episode unclear;             // BoardState::lock_unclear
  Episode unguarded;           // of unlocked: nor a lock on the -shm's byte 128, which SQLite 3.51.0 asks for
  Episode index_unlocked;      // the main's lock held, and a live -shm without one on its byte 128
  bool locks_unknown = false;  // at some sample with a -wal or -journal
  std::int64_t locked = 0;     // samples with a -wal or -journal and a lock
  std::int64_t journals = 0;   // samples with a -journal

  Episode deleted_unlocked, deleted_locked,
      deleted_unknown;      // a deleted sidecar beside a live main, by its lock
  Episode parted;           // of deleted_locked: no lock on the deleted -shm, so that SQLite itself closed it
  Episode two_generations;  // a deleted -shm and a live one
  Episode replaced;         // a main deleted, or not the file at the path
  Episode shrunk, emptied;  // BoardState::main_shrunk, main_emptied: at the sample after
  Episode two_names, second_name;
  bool main_not_shown = false;                                 // while deleted sidecars were, at some sample
  bool deleted_not_shown = false, replaced_not_shown = false;  // at some sample: a listing may not tell
  bool nothing_at_path = false;  // and no file was there, at the last sample with it
  Episode two_indexes;           // two or more -shm of one file that are not deleted
  std::string parked;  // numbers of a fall of -wal that main did not follow: empty where there was none

  // Transactions, from every sample. `still`: nothing was written to main, -wal or -journal from the first
  // sample of the episode on, so that it is one transaction.
  Episode writer, reader;
  // With a rollback journal that is not empty: an open transaction, or locking_mode=EXCLUSIVE at rest.
  Episode exclusive;
  bool writer_still = true;
  bool transactions_known = false;  // at every sample so far
  bool wal_grew = false;            // from its first sample to its last

  // What is established over time: a lock lapses for a moment at opens and closes, and a last close holds
  // deleted files for one.
  Presence lock_lost() const;
  Presence split() const;          // deleted sidecars beside a live main whose lock is gone
  Presence sidecars_gone() const;  // the same while the lock is held
  Presence main_replaced() const;
  // Some quiet sample showed it, whether or not it is settled.
  bool deleted_seen() const {
    return deleted_unlocked.samples + deleted_locked.samples + deleted_unknown.samples > 0;
  }
  // A transaction, or reads, at every sample of three or more.
  bool always(const Episode& episode) const;

 private:
  friend class DatabaseHistories;
  Counts before_;
  BoardPast past_;
  bool any_ = false;
  Count first_wal_bytes_, written_us_;
};

class DatabaseHistories {
 public:
  void set_phase(const Phase& phase);
  // A sample of a watched process, by its line and as it was read.
  void accept(const nlohmann::ordered_json& line, const Sample& sample);

  const std::map<std::string, DatabaseHistory>& databases() const { return databases_; }
  // The process's descriptors that are on no database, in place of descriptors_net; of these those on files
  // that are named like databases stand apart.
  const SampleSeries& elsewhere() const { return elsewhere_; }
  const SampleSeries& database_like() const { return database_like_; }
  // The most threads at any sample.
  Count most_threads() const { return most_threads_; }
  // CPU time from the first sample to the last as a share of the time between them; unknown where a sample
  // lacks it.
  std::optional<double> cpu_share() const;

 private:
  DatabaseHistory& history_of(const std::string& name, const Counts& counts);

  SampleSeries none_;  // what a database has at the samples before it is found
  SampleSeries elsewhere_, database_like_;
  std::map<std::string, DatabaseHistory> databases_;
  std::int64_t samples_ = 0, first_us_ = 0, last_us_ = 0;
  Count first_cpu_ms_, last_cpu_ms_, most_threads_;
  bool cpu_known_ = true;
};

}  // namespace walsoak::facts
