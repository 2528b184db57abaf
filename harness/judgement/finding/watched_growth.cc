#include "harness/judgement/finding/watched_growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::judgement {
namespace {

// A held connection and one or two at work at once are what one thread has; four more than threads are not.
constexpr std::int64_t kLeastRange = 4;

bool may_collect(const facts::CellFacts& facts) {
  const nlohmann::ordered_json subject = facts.watched_facts().subject();
  const nlohmann::ordered_json command = subject.value("command", nlohmann::ordered_json());
  const nlohmann::ordered_json arguments = subject.value("arguments", nlohmann::ordered_json::array());
  std::string program = command.is_string() ? command.get<std::string>() : std::string{};
  if (arguments.is_array() && !arguments.empty() && arguments.front().is_string())
    program += ' ' + arguments.front().get<std::string>();
  constexpr std::string_view kCollected[] = {"ython", "ruby", "node",   "java",
                                             "php",   "pypy", "dotnet", "mono"};
  return std::any_of(std::begin(kCollected), std::end(kCollected),
                     [&](std::string_view name) { return program.find(name) != std::string::npos; });
}

}  // namespace

ConnectionCourse connections_of(const facts::DatabaseHistory& database) {
  const bool by_wal = database.series.peak(facts::Key::kernel_wal).value_or(0) > 0;
  const facts::Key key = by_wal ? facts::Key::kernel_wal : facts::Key::kernel_main;
  return {key, course_of(database.series, key)};
}

Presence left_to_a_collector(const facts::CellFacts& facts, const ConnectionCourse& connections) {
  const Course& course = connections.course;
  const bool returned = course.kind == CourseKind::breathes || course.kind == CourseKind::burst ||
                        course.kind == CourseKind::falls;
  if (!returned || !course.least || !course.most || !may_collect(facts)) return Presence::no;
  if (*course.most - *course.least < kLeastRange) return Presence::no;
  // One burst that returned and stayed so is a burst; in few samples a collector's tooth looks like one that
  // goes on.
  if (course.peaks < 2) return course.settled ? Presence::no : Presence::unknown;
  const Count threads = facts.histories().most_threads();
  return threads && *course.most >= *threads + kLeastRange ? Presence::yes : Presence::unknown;
}

Judgement watched_leak(const facts::CellFacts& facts) {
  if (facts.series().counted() < 3)
    return {Presence::unknown, fmt::format("growth needs 3 samples, there are {}", facts.series().counted())};
  const Course sum = course_of(facts.series(), facts::Key::descriptors_net);
  if (sum.kind == CourseKind::none)
    return {Presence::unknown, "the databases' descriptors are not known at every sample"};
  Judgement open{Presence::no, {}};
  const auto note_open = [&open](std::string evidence) {
    if (open.presence == Presence::no) open = {Presence::unknown, std::move(evidence)};
  };
  for (const auto& [name, database] : facts.histories().databases()) {
    const ConnectionCourse connections = connections_of(database);
    for (const facts::Key key : {connections.key, facts::Key::kernel_main}) {
      const Course course = key == connections.key ? connections.course : course_of(database.series, key);
      const std::string numbers = fmt::format(
          "{} descriptors of {}: {}", key == facts::Key::kernel_wal ? "-wal" : "main", name, course.numbers);
      if (course.kind == CourseKind::rises) return {Presence::yes, numbers};
      if (course.rising() || course.undecided()) note_open(numbers + "; more samples would tell");
    }
    if (left_to_a_collector(facts, connections) != Presence::no) {
      note_open(fmt::format("between {} and {} connections on {} come and go: closed, or left to a collector",
                            text(connections.course.least), text(connections.course.most), name));
    }
  }
  const std::string numbers = "descriptors on the databases: " + sum.numbers;
  if (sum.kind == CourseKind::rises) return {Presence::yes, numbers};
  if (sum.rising() || sum.undecided()) note_open(numbers + "; more samples would tell");
  return open;
}

Judgement watched_bounded(const facts::CellFacts& facts) {
  const Course sum = course_of(facts.series(), facts::Key::descriptors_net);
  if (sum.kind == CourseKind::step) return {Presence::yes, "descriptors on the databases: " + sum.numbers};
  return {Presence::no, {}};
}

Judgement watched_danger(const facts::CellFacts& facts) {
  std::string seen;
  const auto note = [&seen](const std::string& name, const char* what, const facts::Episode& episode) {
    if (seen.empty())
      seen = fmt::format("{} on {}: {}; rows were not looked at", what, name, episode.numbers);
  };
  for (const auto& [name, database] : facts.histories().databases()) {
    if (database.deleted_seen() && database.split() != Presence::no)
      note(name, "deleted sidecars are held",
           database.deleted_unlocked.samples > 0 ? database.deleted_unlocked
           : database.deleted_locked.samples > 0 ? database.deleted_locked
                                                 : database.deleted_unknown);
    if (database.deleted_locked.samples > 0 && database.sidecars_gone() != Presence::no)
      note(name, kSidecarsRemoved, database.deleted_locked);
    if (database.lock_lost() == Presence::yes || database.unlocked.now)
      note(name, kLockLost, database.unlocked);
    if (database.lock_lost() == Presence::unknown && database.unclear.samples > 0)
      note(name, "perhaps a lost lock", database.unclear);
    if (database.main_replaced() == Presence::yes) note(name, kReplacedBoard, database.replaced);
    if (database.shrunk.samples > 0) note(name, kOverwrittenMain, database.shrunk);
    if (database.emptied.samples > 0) note(name, kOverwrittenMain, database.emptied);
    if (database.second_name.samples > 0) note(name, kSecondName, database.second_name);
  }
  return seen.empty() ? Judgement{Presence::no, {}} : Judgement{Presence::unknown, seen};
}

}  // namespace walsoak::judgement
