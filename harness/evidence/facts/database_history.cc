#include "harness/evidence/facts/database_history.h"

#include <fmt/format.h>

#include <algorithm>

namespace walsoak::facts {
namespace {

using nlohmann::ordered_json;

// Locks lapse for a moment while a connection is opened or closed.
constexpr std::int64_t kLeastLapseUs = 1000000;
constexpr std::int64_t kLeastSamples = 3;

constexpr Key kKernelCounts[] = {Key::kernel_main,         Key::kernel_wal,         Key::kernel_shm,
                                 Key::kernel_journal,      Key::kernel_main_net,    Key::descriptors_net,
                                 Key::kernel_main_deleted, Key::kernel_wal_deleted, Key::kernel_shm_deleted,
                                 Key::kernel_main_replaced};

Counts no_descriptors() {
  Counts counts;
  for (const Key key : kKernelCounts) counts[key] = 0;
  return counts;
}

Count process_descriptors(const Sample& sample) {
  return sample.process[static_cast<std::size_t>(ProcessKey::descriptors)];
}

// A main descriptor stays behind when its -wal goes: SQLite has parked it. Empty where main rose at
// the same time.
std::string parked_by(const Counts& before, const Counts& now) {
  const Count main_before = before[Key::kernel_main], wal_before = before[Key::kernel_wal];
  const Count main = now[Key::kernel_main], wal = now[Key::kernel_wal];
  if (!main_before || !wal_before || !main || !wal) return {};
  if (*wal < 1 || *wal >= *wal_before || *main > *main_before || *main - *wal <= *main_before - *wal_before)
    return {};
  return fmt::format("-wal fell from {} to {} while main went from {} to {}", *wal_before, *wal, *main_before,
                     *main);
}

// Whether a state was there for more than a moment; one sample is all that a single look has.
bool lasted(const Episode& episode, std::int64_t all_samples) {
  return episode.samples >= 2 || (episode.samples == 1 && all_samples == 1);
}

// Notes the states of one quiet sample.
class Notes {
 public:
  Notes(DatabaseHistory& history, const Counts& now, const BoardState& state, std::int64_t tick,
        std::int64_t t_us)
      : history_(history), now_(now), state_(state), tick_(tick), t_us_(t_us) {}

  void take() {
    note_locks();
    note_deleted();
    note(history_.replaced, state_.main_replaced);
    if (state_.main_replaced.presence == Presence::yes) history_.nothing_at_path = !now_[Key::main_bytes];
    history_.replaced_not_shown =
        history_.replaced_not_shown || !now_[Key::kernel_main_deleted] || !now_[Key::kernel_main_replaced];
    note(history_.shrunk, state_.main_shrunk);
    note(history_.emptied, state_.main_emptied);
    note(history_.two_names, state_.two_names);
    note(history_.second_name, state_.second_name);
    note(history_.two_indexes, state_.two_indexes);
  }

 private:
  void note(Episode& episode, const Judgement& seen) {
    episode.note(seen.presence == Presence::yes, tick_, t_us_, seen.evidence);
  }
  void note(Episode& episode, bool seen, const std::string& numbers) {
    episode.note(seen, tick_, t_us_, numbers);
  }

  void note_locks() {
    const bool journal = now_[Key::kernel_journal].value_or(0) > 0 && now_[Key::kernel_main].value_or(0) > 0;
    const bool held = now_[Key::kernel_wal].value_or(0) > 0 || journal;
    history_.journals += journal;
    const bool unclear = state_.lock_unclear.presence == Presence::yes;
    if (held && state_.lock_lost.presence == Presence::unknown && !unclear) history_.locks_unknown = true;
    if (held && state_.lock_lost.presence == Presence::no) ++history_.locked;
    note(history_.unlocked, state_.lock_lost);
    note(history_.unclear, state_.lock_unclear);
    note(history_.unguarded, state_.all_locks_lost);
    note(history_.index_unlocked, state_.index_lock_lost);
  }

  void note_deleted() {
    const Count deleted = sum(now_[Key::kernel_wal_deleted], now_[Key::kernel_shm_deleted]);
    history_.deleted_not_shown = history_.deleted_not_shown || !deleted;
    const bool split = state_.sidecar_deleted.presence == Presence::yes;
    // A listing of deleted files alone shows no main, be it held or not.
    const bool some_deleted =
        now_[Key::kernel_wal_deleted].value_or(0) + now_[Key::kernel_shm_deleted].value_or(0) > 0;
    const bool main_not_shown = some_deleted && !now_[Key::kernel_main];
    const std::string sidecars =
        main_not_shown ? fmt::format("{} -wal (deleted) and {} -shm (deleted) held",
                                     text(now_[Key::kernel_wal_deleted]), text(now_[Key::kernel_shm_deleted]))
                       : fmt::format("{}, {} locks", state_.sidecar_deleted.evidence,
                                     text(sum(now_[Key::lock_main_posix], now_[Key::lock_main_ofd])));
    history_.main_not_shown = history_.main_not_shown || main_not_shown;
    const bool locked = split && state_.locked == Presence::yes;
    note(history_.deleted_unlocked, split && state_.locked == Presence::no, sidecars);
    note(history_.deleted_locked, locked, sidecars);
    note(history_.deleted_unknown, (split && state_.locked == Presence::unknown) || main_not_shown, sidecars);
    note(history_.parted, locked && state_.deleted_index_locked == Presence::no,
         sidecars + ", none of them on byte 128 of the deleted -shm");
    note(history_.two_generations, state_.two_generations);
  }

  DatabaseHistory& history_;
  const Counts& now_;
  const BoardState& state_;
  std::int64_t tick_, t_us_;
};

}  // namespace

void Episode::note(bool seen, std::int64_t tick, std::int64_t t_us, const std::string& seen_numbers) {
  if (seen) {
    if (!now) since_us_ = t_us;
    if (samples++ == 0) first_tick = tick;
    longest_us = std::max(longest_us, t_us - since_us_);
    numbers = seen_numbers;
  }
  now = seen;
}

Presence DatabaseHistory::lock_lost() const {
  if (unlocked.longest_us >= kLeastLapseUs || deleted_unlocked.samples > 0) return Presence::yes;
  const bool open = unlocked.now || unclear.now || unclear.longest_us >= kLeastLapseUs;
  return open || locks_unknown || quiet_samples == 0 ? Presence::unknown : Presence::no;
}

Presence DatabaseHistory::split() const {
  if (deleted_unlocked.samples > 0) return Presence::yes;
  const bool unlisted = deleted_unknown.samples > 0 && deleted_locked.samples == 0;
  if (unlisted || deleted_not_shown || quiet_samples == 0) return Presence::unknown;
  // The lock that is held is another library's where SQLite itself closed the -shm.
  return parted.samples > 0 || two_generations.samples > 0 ? Presence::unknown : Presence::no;
}

Presence DatabaseHistory::sidecars_gone() const {
  if (lasted(deleted_locked, all_samples)) return Presence::yes;
  return deleted_locked.now || deleted_unknown.samples > 0 || deleted_not_shown || quiet_samples == 0
             ? Presence::unknown
             : Presence::no;
}

Presence DatabaseHistory::main_replaced() const {
  if (lasted(replaced, all_samples) || replaced.now) return Presence::yes;
  // Bytes that are written over a file leave its inode.
  return replaced_not_shown || quiet_samples == 0 || shrunk.samples > 0 ? Presence::unknown : Presence::no;
}

bool DatabaseHistory::always(const Episode& episode) const {
  return transactions_known && all_samples >= kLeastSamples && episode.samples == all_samples;
}

void DatabaseHistories::set_phase(const Phase& phase) {
  none_.set_phase(phase);
  elsewhere_.set_phase(phase);
  database_like_.set_phase(phase);
}

DatabaseHistory& DatabaseHistories::history_of(const std::string& name, const Counts& counts) {
  const auto [entry, added] = databases_.try_emplace(name);
  if (!added) return entry->second;
  // Sidecars would have given it away before, had it been in use. Without them a lock or a -journal did,
  // which come and go while the main file is open.
  const bool in_wal_mode = counts[Key::kernel_wal].value_or(0) + counts[Key::kernel_shm].value_or(0) > 0;
  entry->second.series = none_;
  if (!in_wal_mode) {
    entry->second.series = SampleSeries();
    entry->second.series.set_phase(none_.phase());
  }
  return entry->second;
}

namespace {

void note_transactions(DatabaseHistory& history, const Counts& now, std::int64_t tick, std::int64_t t_us,
                       Count& written_us, Count& first_wal_bytes) {
  const Count writer = now[Key::lock_writer], reader = now[Key::lock_reader];
  history.transactions_known = (history.transactions_known || history.all_samples == 1) && writer && reader;
  const bool was_writing = history.writer.now;
  history.writer.note(writer.value_or(0) > 0, tick, t_us, "the lock of a write transaction is held");
  history.reader.note(reader.value_or(0) > 0, tick, t_us, "the lock of a read transaction is held");
  // A journal that was truncated is at rest.
  const bool at_rest = now[Key::kernel_journal].value_or(0) > 0 && now[Key::journal_bytes] == 0;
  history.exclusive.note(now[Key::lock_exclusive].value_or(0) > 0 && !at_rest, tick, t_us, "");
  const Count written = now[Key::written_us];
  if (was_writing && (!written || written != written_us)) history.writer_still = false;
  written_us = written;
  const Count wal = now[Key::wal_bytes];
  if (!first_wal_bytes) first_wal_bytes = wal.value_or(0);
  history.wal_grew = wal.value_or(0) > *first_wal_bytes;
}

}  // namespace

void DatabaseHistories::accept(const ordered_json& line, const Sample& sample) {
  const auto t_us = line.value("t_us", std::int64_t{0});
  const ordered_json process = line.value("process", ordered_json::object());
  for (const auto& [name, counts] : sample.boards) {
    DatabaseHistory& history = history_of(name, counts);
    history.series.accept(sample.with_total(counts));
    ++history.all_samples;
    note_transactions(history, counts, sample.tick, t_us, history.written_us_, history.first_wal_bytes_);
    if (sample.quiet) {
      ++history.quiet_samples;
      Notes(history, counts, board_state(counts, history.past_), sample.tick, t_us).take();
      history.past_.note(counts);
      if (history.any_) {
        if (std::string seen = parked_by(history.before_, counts); !seen.empty())
          history.parked = std::move(seen);
      }
      history.before_ = counts;
    }
    history.any_ = true;
  }
  // One that a later listing does not name any more.
  for (auto& [name, history] : databases_) {
    if (!sample.boards.contains(name)) history.series.accept(sample.with_total(no_descriptors()));
  }
  none_.accept(sample.with_total(no_descriptors()));
  Counts rest, like;
  like[Key::descriptors_net] = process.value("database_like", std::int64_t{0});
  database_like_.accept(sample.with_total(like));
  rest[Key::descriptors_net] = difference(difference(process_descriptors(sample), like[Key::descriptors_net]),
                                          sample.total[Key::descriptors_net]);
  elsewhere_.accept(sample.with_total(rest));

  raise(most_threads_, sample.process[static_cast<std::size_t>(ProcessKey::threads)]);
  const ordered_json cpu = process.value("cpu_ms", ordered_json());
  cpu_known_ = cpu_known_ && cpu.is_number_integer();
  if (cpu.is_number_integer()) last_cpu_ms_ = cpu.get<std::int64_t>();
  if (samples_++ == 0) {
    first_us_ = t_us;
    first_cpu_ms_ = last_cpu_ms_;
  }
  last_us_ = t_us;
}

std::optional<double> DatabaseHistories::cpu_share() const {
  const Count used = difference(last_cpu_ms_, first_cpu_ms_);
  if (!cpu_known_ || !used || last_us_ <= first_us_) return std::nullopt;
  return static_cast<double>(*used) * 1000 / static_cast<double>(last_us_ - first_us_);
}

}  // namespace walsoak::facts
