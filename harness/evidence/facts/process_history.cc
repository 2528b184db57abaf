#include "harness/evidence/facts/process_history.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/evidence/facts/board_state.h"

namespace walsoak::facts {
namespace {

using nlohmann::ordered_json;

constexpr Key kKernelCounts[] = {Key::kernel_main,         Key::kernel_wal,         Key::kernel_shm,
                                 Key::kernel_journal,      Key::kernel_main_net,    Key::descriptors_net,
                                 Key::kernel_main_deleted, Key::kernel_wal_deleted, Key::kernel_shm_deleted,
                                 Key::kernel_main_replaced};

Sample alone(const Sample& sample, const Counts& counts) {
  Sample one;
  one.tick = sample.tick;
  one.quiet = sample.quiet;
  one.total = counts;
  one.process = sample.process;
  return one;
}

Counts no_descriptors() {
  Counts counts;
  for (const Key key : kKernelCounts) counts[key] = 0;
  return counts;
}

Count process_descriptors(const Sample& sample) {
  return sample.process[static_cast<std::size_t>(ProcessKey::descriptors)];
}

// A main descriptor stays behind when its -wal goes: SQLite has parked it. Nothing is told where main rose at
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

void ProcessHistory::accept_header(const ordered_json& line) {
  subject_ = line.value("subject", ordered_json::object());
  none_.set_phase(cell_.series().phase());
  elsewhere_.set_phase(cell_.series().phase());
  database_like_.set_phase(cell_.series().phase());
  everything_.set_phase(cell_.series().phase());
  const ordered_json settings = line.value("settings", ordered_json::object());
  peeked_ = settings.value("peek", false);
  clocked_ = cell_.free_running() || settings.value("every_s", ordered_json()).is_number() ||
             settings.value("spacing", std::string{}) == "known";
}

DatabaseHistory& ProcessHistory::course_of(const std::string& name, const Counts& counts) {
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

void note_files(DatabaseHistory& course, const Counts& now, std::int64_t tick, std::int64_t t_us) {
  ++course.quiet_samples;
  const BoardState state = board_state(now);
  const auto note = [&](Episode& episode, const Judgement& seen) {
    episode.note(seen.presence == Presence::yes, tick, t_us, seen.evidence);
  };
  const Count deleted = sum(now[Key::kernel_wal_deleted], now[Key::kernel_shm_deleted]);

  course.deleted_not_shown = course.deleted_not_shown || !deleted;
  course.replaced_not_shown =
      course.replaced_not_shown || !now[Key::kernel_main_deleted] || !now[Key::kernel_main_replaced];

  const bool holds_wal = now[Key::kernel_wal].value_or(0) > 0;
  if (holds_wal && state.lock_lost.presence == Presence::unknown) course.locks_unknown = true;
  if (holds_wal && state.lock_lost.presence == Presence::no) ++course.locked;
  note(course.unlocked, state.lock_lost);
  note(course.unguarded, state.all_locks_lost);
  note(course.index_unlocked, state.index_lock_lost);

  const bool split = state.sidecar_deleted.presence == Presence::yes;
  // A listing of deleted files alone shows no main, be it held or not.
  const bool some_deleted =
      now[Key::kernel_wal_deleted].value_or(0) + now[Key::kernel_shm_deleted].value_or(0) > 0;
  const bool main_not_shown = some_deleted && !now[Key::kernel_main];
  const std::string sidecars =
      main_not_shown ? fmt::format("{} -wal (deleted) and {} -shm (deleted) held",
                                   text(now[Key::kernel_wal_deleted]), text(now[Key::kernel_shm_deleted]))
                     : fmt::format("{}, {} locks", state.sidecar_deleted.evidence,
                                   text(sum(now[Key::lock_main_posix], now[Key::lock_main_ofd])));
  course.main_not_shown = course.main_not_shown || main_not_shown;
  course.deleted_unlocked.note(split && state.locked == Presence::no, tick, t_us, sidecars);
  course.deleted_locked.note(split && state.locked == Presence::yes, tick, t_us, sidecars);
  course.deleted_unknown.note((split && state.locked == Presence::unknown) || main_not_shown, tick, t_us,
                              sidecars);

  note(course.replaced, state.main_replaced);
  if (state.main_replaced.presence == Presence::yes) course.nothing_at_path = !now[Key::main_bytes];
  note(course.two_indexes, state.two_indexes);
}

}  // namespace

void ProcessHistory::accept_watched(const ordered_json& line, const Sample& sample) {
  const auto t_us = line.value("t_us", std::int64_t{0});
  for (const auto& [name, counts] : sample.boards) {
    DatabaseHistory& course = course_of(name, counts);
    course.series.accept(alone(sample, counts));
    if (sample.quiet) {
      note_files(course, counts, sample.tick, t_us);
      if (course.any_) {
        if (std::string seen = parked_by(course.before_, counts); !seen.empty())
          course.parked = std::move(seen);
      }
      course.before_ = counts;
    }
    course.any_ = true;
  }
  // One that a later listing does not name any more.
  for (auto& [name, course] : databases_) {
    if (!sample.boards.contains(name)) course.series.accept(alone(sample, no_descriptors()));
  }
  none_.accept(alone(sample, no_descriptors()));
  Counts rest, like;
  like[Key::descriptors_net] =
      line.value("process", ordered_json::object()).value("database_like", std::int64_t{0});
  database_like_.accept(alone(sample, like));
  rest[Key::descriptors_net] = difference(difference(process_descriptors(sample), like[Key::descriptors_net]),
                                          sample.total[Key::descriptors_net]);
  elsewhere_.accept(alone(sample, rest));
}

// The moment of the sample, and the whole of the process.
void ProcessHistory::accept_any(const ordered_json& line, const Sample& sample) {
  last_us_ = line.value("t_us", std::int64_t{0});
  if (samples_++ == 0) first_us_ = last_us_;
  Counts all;
  all[Key::descriptors_net] = process_descriptors(sample);
  everything_.accept(alone(sample, all));
}

void ProcessHistory::accept(const ordered_json& line) {
  cell_.accept(line);
  const std::string type = line.value("type", std::string{});
  if (type == "header") {
    accept_header(line);
    for (const ordered_json& board : line.value("boards", ordered_json::array()))
      paths_[board.value("name", std::string{})] = board.value("path", std::string{});
  } else if (type == "event" && line.value("event", std::string{}) == "database") {
    paths_[line.value("name", std::string{})] = line.value("path", std::string{});
  } else if (type == "event" && line.value("event", std::string{}) == "sqlite") {
    libraries_.emplace();
    for (const ordered_json& library : line.value("libraries", ordered_json::array()))
      (*libraries_)[library.value("file", std::string{})] = library.value("version", std::string{});
  } else if (type == "sample") {
    const Sample sample = cell_.reader().read(line);
    accept_any(line, sample);
    if (cell_.watched()) accept_watched(line, sample);
  }
}

}  // namespace walsoak::facts
