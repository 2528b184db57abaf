// Connections that pile up, come and go, or are bounded, and descriptors beside them: from the kernel's
// counts alone.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/judgement/diagnosis/diagnosis_groups.h"
#include "harness/judgement/finding/watched_growth.h"
#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::judgement {
namespace {

// Default pools have 32 threads at most (min(32, cores + 4)): more connections than that and than threads on
// one database is no pool that anybody is likely to have asked for.
constexpr std::int64_t kMostOfAPool = 32;
// A leak that nobody sees for so long would have taken days to come to kMostOfAPool.
constexpr std::int64_t kSamplesOfALongWatch = 20;
constexpr std::int64_t kLongWatchUs = 1800 * std::int64_t{1000000};
constexpr const char* kPile[] = {kUnclosedConnection, kZombieConnection, kDeferredCollection,
                                 kConnectionPerThread};

// The questions about something that grows.
constexpr const char* kGrowth[] = {kUnclosedConnection,  kZombieConnection,  kDeferredCollection,
                                   kConnectionPerThread, kPerDatabase,       kOtherMainDescriptors,
                                   kOtherWalDescriptors, kParkedDescriptors, kNotSqlite};

// As many main descriptors beside the -wal ones as a few threads at once leave parked.
constexpr std::int64_t kFewParked = 4;

class Counting {
 public:
  Counting(const facts::ProcessHistory& evidence, Parts& parts)
      : evidence_(evidence), parts_(parts), threads_(evidence.cell().series()) {}

  void look() {
    for (const std::string& name : by_number(evidence_.databases())) sort_in(name);
    for (const auto& [what, names] : well_)
      parts_.seen.push_back(fmt::format("{}: {}", names_text(names), what));
    ask_about_piles();
    ask_about_limit();
    ask_about_raw_wal();
    ask_about_databases();
    ask_about_main();
    ask_about_many();
    ask_about_teeth();
    ask_about_collected();
    ask_about_parked();
    ask_about_full_limit();
    ask_about_threads();
    look_elsewhere();
    ask_about_the_sum();
    rule_out();
    if (!undecided_.empty())
      parts_.undecided =
          fmt::format("connections on {} come and go, closed by the program or freed by a collector",
                      names_text(undecided_));
  }

 private:
  // A connection is told by its -wal, which SQLite never parks; where there is none by its main descriptor.
  void sort_in(const std::string& name) {
    const facts::DatabaseHistory& database = evidence_.databases().at(name);
    const facts::SampleSeries& series = database.series;
    const ConnectionCourse held = connections_of(database);
    const Course& course = held.course;
    const facts::Key key = held.key;
    const bool by_wal = held.by_wal();
    const std::int64_t connections = series.last().total[key].value_or(0);
    const std::string numbers = classes_of(series);
    bool bounded = false;
    if (by_wal && are_raw(series, course)) {
      return raw_wal_.add(name, numbers);
    } else if (stopped_by_limit(series, course)) {
      at_limit_.add(name, numbers);
      at_limit_.connections = std::max(at_limit_.connections, connections);
    } else if (course.rising() || course.undecided()) {
      add_rise(by_wal ? piles_ : main_alone_, name, course, rise_of(series, key), connections, numbers);
    } else if (course.kind == CourseKind::saw_tooth) {
      teeth_.add(name, fmt::format("{} to {} connections, up slowly and down at once", text(course.least),
                                   text(course.most)));
    } else if (is_many(connections) && !stayed_long(course)) {
      Group& many = by_wal ? many_ : many_alone_;
      many.add(name, numbers);
      many.connections = std::max(many.connections, connections);
    } else if (left_to_a_collector(evidence_.cell(), held) == Presence::yes) {
      collected_.add(name, fmt::format("{} to {} connections", text(course.least), text(course.most)));
    } else {
      bounded = true;
      say_what_is_well(name, course, numbers);
      if (left_to_a_collector(evidence_.cell(), held) == Presence::unknown) undecided_.push_back(name);
      if (course.kind == CourseKind::breathes || course.kind == CourseKind::burst) returned_.push_back(name);
      if (connections >= 2 && connections <= threads_.most.value_or(0))
        per_thread_.add(name, fmt::format("{} connections", connections));
    }
    if (by_wal) look_at_surplus(name, database, numbers, bounded);
  }

  // A connection with a -wal has a main descriptor, too: -wal ones beyond the main ones are none.
  static bool are_raw(const facts::SampleSeries& series, const Course& wal) {
    const facts::Counts& last = series.last().total;
    return wal.kind == CourseKind::rises &&
           difference(last[facts::Key::kernel_wal], last[facts::Key::kernel_main]) > 0 &&
           !course_of(series, facts::Key::kernel_main).rising();
  }

  bool at_the_limit() const {
    const auto& room = evidence_.cell().series().least_room();
    return room && room->exhausted();
  }

  // Descriptors that stay as many for want of others, as far as can be told: what they would do else is not
  // known. They fill half of the limit, or rose by a tenth of it before it was reached.
  bool stopped_by_limit(const facts::SampleSeries& series, const Course& course) const {
    if (!at_the_limit()) return false;
    const std::int64_t limit = evidence_.cell().series().least_room()->limit;
    const bool fills = 2 * series.last().total[facts::Key::descriptors_net].value_or(0) >= limit;
    const bool rose = 10 * rise_of(series, facts::Key::descriptors_net) >= limit;
    return (course.kind == CourseKind::step && (fills || rose)) ||
           (course.kind == CourseKind::steady && fills);
  }

  bool is_many(std::int64_t count) const { return count > std::max(kMostOfAPool, threads_.most.value_or(0)); }

  bool stayed_long(const Course& course) const {
    return course.samples >= kSamplesOfALongWatch && evidence_.span_us() >= kLongWatchUs;
  }

  void add_rise(Group& group, const std::string& name, const Course& course, std::int64_t rise,
                std::int64_t connections, const std::string& numbers) {
    parts_.more_samples = parts_.more_samples || course.kind != CourseKind::rises;
    group.add(name, numbers);
    group.established = group.established || course.kind == CourseKind::rises;
    group.late = group.late || course.undecided();
    group.connections = std::max(group.connections, connections);
    group.rise += rise;
  }

  void say_what_is_well(const std::string& name, const Course& course, const std::string& numbers) {
    const auto say = [&](const std::string& what) {
      const auto same =
          std::find_if(well_.begin(), well_.end(), [&](const auto& entry) { return entry.first == what; });
      if (same != well_.end()) {
        same->second.push_back(name);
      } else {
        well_.push_back({what, {name}});
      }
    };
    switch (course.kind) {
      case CourseKind::steady:
        return say(numbers.find("->") == std::string::npos
                       ? numbers + " at every sample"
                       : fmt::format("connections: {} at every sample; {}", text(course.last), numbers));
      case CourseKind::step:
        return say(
            fmt::format("rose and then stayed, {} ({} connections): bounded, as a pool or a cache that was "
                        "filled",
                        numbers, course.numbers));
      case CourseKind::burst:
        return say(fmt::format("rose to a peak of {} and came back to {} connections: a burst that returned",
                               text(course.most), text(course.last)));
      case CourseKind::breathes:
        return say(fmt::format("between {} and {} connections, coming and going: in use, without growth",
                               text(course.least), text(course.most)));
      case CourseKind::falls:
        return say(fmt::format("fell, {} ({} connections)", numbers, course.numbers));
      default:
        return say(numbers);
    }
  }

  // Main descriptors beyond those of connections with a -wal. Parked ones are never more than the connections
  // that were open at once: where main stays within the most -wal ones that were seen nothing else is needed.
  void look_at_surplus(const std::string& name, const facts::DatabaseHistory& database,
                       const std::string& numbers, bool bounded) {
    const facts::SampleSeries& series = database.series;
    const facts::Counts& last = series.last().total;
    const Count main = last[facts::Key::kernel_main], wal = last[facts::Key::kernel_wal];
    const std::int64_t surplus =
        difference(difference(main, wal), last[facts::Key::lock_main_ofd].value_or(0)).value_or(0);
    if (surplus > 0) with_surplus_.push_back(name);
    const bool within_peaks = main.value_or(0) <= series.peak(facts::Key::kernel_wal).value_or(0);
    const Course course = course_of(series, facts::Key::kernel_main);
    const bool grows = (course.rising() || course.undecided()) && !within_peaks;
    // All of them: SQLite itself may not write the file. Those that are opened raw may be beside others.
    const bool readonly = main && last[facts::Key::main_readonly] == main;
    if (grows && surplus > 0 && readonly) return add_readonly(name, course, numbers);
    if (!database.parked.empty() && !(grows && course.kind == CourseKind::rises))
      return parked_.add(name, database.parked);
    if (wal.value_or(0) < 1 || surplus < 1 || !bounded) return;
    const bool few =
        surplus <= std::max(kFewParked, threads_.most.value_or(0)) && course.kind != CourseKind::rises;
    if (grows && !few) {
      closed_beside_ = closed_beside_ || *wal < series.peak(facts::Key::kernel_wal).value_or(0);
      return add_rise(main_beside_, name, course, rise_of(series, facts::Key::kernel_main), 0, numbers);
    }
    const bool told = evidence_.samples() >= 3;
    Group& surplus_of_it = !told && !within_peaks && is_many(surplus) ? many_beside_ : surplus_;
    surplus_of_it.add(
        name, fmt::format("main {}, -wal {}{}", text(main), text(wal), told ? "" : " at the last sample"));
  }

  // Before SQLite 3.46 a main file that may only be read is opened anew each time, and parked anew.
  void add_readonly(const std::string& name, const Course& course, const std::string& numbers) {
    add_rise(readonly_, name, course, rise_of(evidence_.databases().at(name).series, facts::Key::kernel_main),
             0, numbers + ", all of them opened for reading alone");
  }

  void ask_about_piles() {
    if (piles_.empty()) return;
    parts_.ask(fmt::format("connections {} on {}", piles_.how(), piles_.words()),
               pile_candidates(evidence_, threads_, piles_, false));
  }

  void ask_about_raw_wal() {
    if (raw_wal_.empty()) return;
    parts_.ask(fmt::format("-wal descriptors grow beyond the main ones on {}", raw_wal_.words()),
               {{kOtherWalDescriptors, lines_text(raw_wal_.numbers), true}});
  }

  void ask_about_limit() {
    if (at_limit_.empty()) return;
    parts_.ask(fmt::format("the limit is reached, and much of it by connections on {}", at_limit_.words()),
               pile_candidates(evidence_, threads_, at_limit_, true));
  }

  // One or a few on each of ever more databases: none of their counts grows, the sum does. Of -wal ones
  // alone: a database that has none is found when it is used, and its descriptors come into the sum then.
  void ask_about_databases() {
    if (!piles_.empty() || !raw_wal_.empty() || !teeth_.empty() || evidence_.databases().size() < 2) return;
    const facts::SampleSeries& sum = evidence_.cell().series();
    const Course course = course_of(sum, facts::Key::kernel_wal);
    if (!course.rising() && !course.undecided()) return;
    std::int64_t before = 0, now = 0, most = 0;
    for (const auto& [name, database] : evidence_.databases()) {
      before += database.series.first().total[facts::Key::kernel_wal].value_or(0) > 0;
      const std::int64_t held = database.series.last().total[facts::Key::kernel_wal].value_or(0);
      now += held > 0;
      most = std::max(most, held);
    }
    if (now <= before) return;
    add_rise(over_databases_, fmt::format("{} -> {} databases", before, now), course,
             rise_of(sum, facts::Key::kernel_wal), most, classes_of(sum));
    auto candidates = pile_candidates(evidence_, threads_, over_databases_, false);
    candidates.insert(candidates.begin() + (most > 1 ? 1 : 0),
                      {kPerDatabase, fmt::format("{} databases with a -wal held at the first sample, {} at "
                                                 "the last, at most {} on each",
                                                 before, now, most)});
    parts_.ask(fmt::format("connections {} over ever more databases, {}", over_databases_.how(),
                           over_databases_.words()),
               std::move(candidates));
  }

  void ask_about_readonly() {
    if (readonly_.empty()) return;
    auto candidates = beside_candidates(lines_text(readonly_.numbers), true);
    candidates.front().evidence =
        lines_text(readonly_.numbers) +
        ": before SQLite 3.46 none of a main file that may only be read is used again, so that "
        "there is no bound" +
        versions();
    parts_.ask(fmt::format("main descriptors that were opened for reading alone grow on {}, -wal ones do not",
                           readonly_.words()),
               std::move(candidates));
  }

  std::string versions() const {
    std::vector<std::string> all;
    if (!evidence_.libraries()) return {};
    for (const auto& [file, version] : *evidence_.libraries()) all.push_back(version);
    return all.empty() ? std::string{} : fmt::format(" (loaded is {})", names_text(all));
  }

  void ask_about_main() {
    ask_about_readonly();
    if (!main_beside_.empty()) {
      parts_.ask(fmt::format("main descriptors grow on {}, -wal ones do not", main_beside_.words()),
                 beside_candidates(lines_text(main_beside_.numbers), closed_beside_));
    }
    if (!many_beside_.empty()) {
      parts_.ask(fmt::format("far more main descriptors than -wal ones on {}", many_beside_.words()),
                 beside_candidates(lines_text(many_beside_.numbers), false));
      parts_.more_samples = true;
    }
    if (!main_alone_.empty()) {
      auto candidates = pile_candidates(evidence_, threads_, main_alone_, false);
      candidates.front().evidence += "; no -wal: a rollback journal, or connections that have never read";
      candidates.push_back(
          {kOtherMainDescriptors, "opens of the file outside SQLite look the same without a -wal"});
      parts_.ask(fmt::format("main descriptors grow on {}", main_alone_.words()), std::move(candidates));
    }
  }

  void ask_about_many() {
    parts_.more_samples = parts_.more_samples || !many_.empty() || !many_alone_.empty();
    if (!many_alone_.empty()) {
      auto candidates = pile_candidates(evidence_, threads_, many_alone_, true);
      candidates.push_back(
          {kOtherMainDescriptors, "opens of the file outside SQLite look the same without a -wal"});
      parts_.ask(fmt::format("{} descriptors on one file, a database or named like one, more than threads "
                             "and than a default pool has: {}",
                             many_alone_.connections, many_alone_.words()),
                 std::move(candidates));
    }
    if (many_.empty()) return;
    parts_.ask(
        fmt::format("{} connections on one database, more than threads and than a default pool has: {}",
                    many_.connections, many_.words()),
        pile_candidates(evidence_, threads_, many_, true));
  }

  void ask_about_teeth() {
    if (teeth_.empty()) return;
    parts_.ask(fmt::format("a saw-tooth on {}", teeth_.words()),
               {{kDeferredCollection, lines_text(teeth_.numbers) + " in " + extent_text(evidence_), true}});
  }

  void ask_about_collected() {
    if (collected_.empty()) return;
    const std::string numbers = fmt::format("{} in {}, with {}", lines_text(collected_.numbers),
                                            extent_text(evidence_), threads_.words());
    parts_.more_samples = true;
    parts_.ask(
        fmt::format("more connections than threads come and go on {}", collected_.words()),
        {{kDeferredCollection, numbers + ": dropped ones stay until the collector runs"},
         {kUnclosedConnection, "the same: nobody closes them, and the collector frees them for now"},
         {kConnectionPerThread, "a pool that opens and closes several for one thread looks the same"}});
  }

  // Parked descriptors are of connections that were open at once, each of which had a -wal one besides: where
  // twice the main ones and all others together come to the limit, the burst that left them was stopped by
  // it.
  void ask_about_full_limit() {
    const auto& room = evidence_.cell().series().least_room();
    if (!room || room->exhausted()) return;
    for (const std::string& name : with_surplus_) {
      const facts::Counts& last = evidence_.databases().at(name).series.last().total;
      const std::int64_t main = last[facts::Key::kernel_main].value_or(0);
      const std::int64_t wal = last[facts::Key::kernel_wal].value_or(0);
      const Count all = evidence_.cell().series().last_value(facts::ProcessKey::descriptors);
      if (!all || *all - wal + main + facts::SampleSeries::Room::kReserve < room->limit) continue;
      full_limit_.add(name, fmt::format("{} main descriptors, {} -wal, {} of {} descriptors of the process",
                                        main, wal, *all, room->limit));
    }
    if (full_limit_.empty()) return;
    parts_.ask(fmt::format("parked descriptors fill the limit on {}", full_limit_.words()),
               {{kDescriptorExhaustion, lines_text(full_limit_.numbers) +
                                            ": as many connections as main descriptors, with a -wal one "
                                            "each, reach the limit; whether the burst "
                                            "that left them failed is not seen from outside"}});
  }

  // Findings are told from the sum over all databases as well: none that grows is passed over here.
  void ask_about_the_sum() {
    const Judgement leak = watched_leak(evidence_.cell());
    const bool asked = std::any_of(std::begin(kGrowth), std::end(kGrowth),
                                   [this](const char* name) { return parts_.asks_about(name, true); });
    if (asked || evidence_.databases().empty()) return;
    if (leak.presence == Presence::unknown && evidence_.samples() >= 3) {
      parts_.more_samples = true;
      parts_.undecided = leak.evidence;
    }
    if (leak.presence != Presence::yes) return;
    parts_.more_samples = true;
    Group group;
    group.add("databases", leak.evidence);
    parts_.ask("descriptors on the databases grow", pile_candidates(evidence_, threads_, group, false));
  }

  void ask_about_parked() {
    if (!parked_.empty()) {
      parts_.ask(fmt::format("more main descriptors than -wal ones on {}", names_text(parked_.names)),
                 {{kParkedDescriptors, lines_text(parked_.numbers), true}}, true);
    } else if (!surplus_.empty()) {
      const std::string numbers = lines_text(surplus_.numbers);
      const bool told = evidence_.samples() >= 3;
      parts_.ask(fmt::format("more main descriptors than -wal ones on {}{}", surplus_.words(),
                             told ? ", without growth" : ""),
                 {{kParkedDescriptors, numbers + (told ? "; bounded" : "")},
                  {kOtherMainDescriptors, "raw opens that are held, or connections that have not read yet"}},
                 true);
    } else if (evidence_.databases().empty()) {
      parts_.cannot_tell(kParkedDescriptors, "no database was seen");
    } else if (const auto& all = evidence_.databases();
               std::any_of(all.begin(), all.end(), [](const auto& named) {
                 return !named.second.series.peak(facts::Key::kernel_main);
               })) {
      parts_.cannot_tell(kParkedDescriptors, "descriptors on the main file are not shown");
    } else if (main_beside_.empty() && many_beside_.empty() && readonly_.empty()) {
      if (with_surplus_.empty()) {
        parts_.rule_out(kParkedDescriptors, "no more main descriptors than -wal ones where a -wal is held");
      } else {
        parts_.cannot_tell(
            kParkedDescriptors,
            fmt::format("there are more main descriptors than -wal ones on {}: parked, opened outside "
                        "SQLite, or of connections that have not read",
                        names_text(with_surplus_)));
      }
    }
  }

  void ask_about_threads() {
    if (per_thread_.empty() || !piles_.empty()) return;
    parts_.ask(
        fmt::format("several connections on {}, and as many threads or more", names_text(per_thread_.names)),
        {{kConnectionPerThread,
          fmt::format("{}; {}; a pool looks the same", lines_text(per_thread_.numbers), threads_.words())}},
        true);
  }

  void look_elsewhere() {
    const Course course = course_of(evidence_.elsewhere(), facts::Key::descriptors_net);
    const std::string numbers = fmt::format("descriptors on no database: {}", course.numbers);
    const bool known = !evidence_.databases().empty();
    if (course.kind == CourseKind::rises) {
      parts_.ask("descriptors that are on no database grow",
                 {{kNotSqlite,
                   numbers + (known ? "" : "; a database without sidecar and lock would not have been found"),
                   known}});
    } else if (course.kind == CourseKind::step && stopped_by_limit(evidence_.elsewhere(), course)) {
      parts_.ask("descriptors that are on no database grew until the limit was reached",
                 {{kNotSqlite, numbers}});
    } else if (course.kind == CourseKind::rises_so_far || course.undecided()) {
      parts_.seen.push_back(numbers + ": grew so far; more samples would tell");
      parts_.more_samples = true;
    } else if (course.kind != CourseKind::none && course.kind != CourseKind::single) {
      parts_.seen.push_back(fmt::format("descriptors on no database: {} to {}, without growth",
                                        text(course.least), text(course.most)));
    }
    const Course like = course_of(evidence_.database_like(), facts::Key::descriptors_net);
    const bool like_rises = like.kind == CourseKind::rises;
    if (like_rises) ask_about_database_like(like);
    const bool explained = like_rises || course.kind == CourseKind::rises || !piles_.empty() ||
                           !main_alone_.empty() || !main_beside_.empty() || !readonly_.empty() ||
                           !raw_wal_.empty() || !teeth_.empty() || !over_databases_.empty();
    const Course all = course_of(evidence_.everything(), facts::Key::descriptors_net);
    if (explained || all.kind != CourseKind::rises) return;
    // As where a database was found late, and its descriptors counted elsewhere until then.
    parts_.more_samples = true;
    parts_.ask("the process's descriptors grow, and on what was not told",
               {{kNotSqlite, "descriptors of the process: " + all.numbers},
                {kUnclosedConnection, "on a database that was found late or not at all"}});
  }

  void ask_about_database_like(const Course& like) {
    Group group;
    group.add("files", fmt::format("{} on them", like.numbers));
    group.rise = *like.last - *like.first;
    auto candidates = pile_candidates(evidence_, threads_, group, false);
    candidates.push_back({kOtherMainDescriptors, "whatever else opens files of such names"});
    parts_.ask(
        "descriptors grow on files that are named like databases and show neither sidecar nor lock, as a "
        "rollback journal's database at rest",
        std::move(candidates));
    parts_.peek_would_tell = true;
  }

  std::string none_grow() const {
    if (!raw_wal_.empty()) return "no database's main descriptors grow: " + lines_text(raw_wal_.numbers);
    return fmt::format("no database's {}descriptors grow: {}",
                       main_beside_.empty() && many_beside_.empty() ? "" : "-wal ",
                       parts_.seen.empty() ? "none was open" : parts_.seen.front());
  }

  // What no question is about, once all are asked.
  void rule_out() {
    const std::int64_t samples = evidence_.cell().series().counted();
    for (const char* name : kPile) {
      if (parts_.asks_about(name)) continue;
      if (teeth_.empty() && !returned_.empty() && samples >= 3 &&
          std::string_view(name) != kConnectionPerThread) {
        parts_.cannot_tell(name,
                           fmt::format("connections on {} come and go: whether the program closes them or a "
                                       "collector frees them is not seen from outside",
                                       names_text(returned_)));
        continue;
      }
      if (!teeth_.empty() && std::string_view(name) != kConnectionPerThread) {
        parts_.rule_out(name, "descriptors fall at once, again and again: they were released (" +
                                  lines_text(teeth_.numbers) + ")");
      } else if (evidence_.databases().empty()) {
        parts_.cannot_tell(name, "no database was seen");
      } else if (samples < 3) {
        parts_.cannot_tell(
            name, fmt::format("growth takes 3 samples, there {} {}", samples == 1 ? "is" : "are", samples));
      } else {
        parts_.rule_out(name, none_grow());
      }
    }
  }

  const facts::ProcessHistory& evidence_;
  Parts& parts_;
  Threads threads_;
  bool closed_beside_ = false;  // -wal ones fell where main ones grow
  // Of which databases nothing is wrong, by what is to be said of them.
  std::vector<std::pair<std::string, std::vector<std::string>>> well_;
  Group piles_, at_limit_, raw_wal_, over_databases_, main_beside_, main_alone_, many_, many_alone_,
      many_beside_, teeth_, collected_, parked_, readonly_, full_limit_, surplus_, per_thread_;
  // Of databases: more main descriptors than -wal ones; connections that came and went; which of those may be
  // a collector's doing.
  std::vector<std::string> with_surplus_, returned_, undecided_;
};

}  // namespace

void look_at_counts(const facts::ProcessHistory& evidence, Parts& parts) {
  Counting(evidence, parts).look();
}

}  // namespace walsoak::judgement
