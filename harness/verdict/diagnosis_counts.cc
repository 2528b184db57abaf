// Connections that pile up, come and go, or are bounded, and descriptors beside them: from the kernel's
// counts alone.
#include <fmt/format.h>

#include <algorithm>

#include "harness/verdict/diagnosis_parts.h"
#include "harness/verdict/remedies.h"

namespace walsoak::verdict {
namespace {

// Default pools have 32 threads at most (min(32, cores + 4)): more connections than that and than threads on
// one database is no pool that anybody is likely to have asked for.
constexpr std::int64_t kMostOfAPool = 32;
constexpr const char* kPile[] = {"unclosed connection", "zombie connection", "deferred collection",
                                 "connection per thread"};

Count process_at(const SampleSeries::Moment& moment, ProcessKey key) {
  return moment.process[static_cast<std::size_t>(key)];
}

// The least of the last third less the least of the first: what it holds for good.
std::int64_t rise_of(const SampleSeries& series, Key key) {
  const std::vector<Bin>& bins = series.bins(key).bins();
  const std::size_t third = std::max<std::size_t>(1, bins.size() / 3);
  Count first, last;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (!bins[i].min) return 0;
    if (i < third) first = std::min(first.value_or(*bins[i].min), *bins[i].min);
    if (i >= bins.size() - third) last = std::min(last.value_or(*bins[i].min), *bins[i].min);
  }
  return first && last ? *last - *first : 0;
}

std::string from_to(const SampleSeries& series, Key key) {
  const Count first = series.first().total[key], last = series.last().total[key];
  return first == last ? text(last) : fmt::format("{} -> {}", text(first), text(last));
}

std::string classes_of(const SampleSeries& series) {
  std::string line = fmt::format("main {}, -wal {}, -shm {}", from_to(series, Key::kernel_main),
                                 from_to(series, Key::kernel_wal), from_to(series, Key::kernel_shm));
  if (series.peak(Key::kernel_journal).value_or(0) > 0)
    line += fmt::format(", -journal {}", from_to(series, Key::kernel_journal));
  return line;
}

struct Threads {
  Count first, last, most;

  explicit Threads(const SampleSeries& series)
      : first(process_at(series.first(), ProcessKey::threads)),
        last(process_at(series.last(), ProcessKey::threads)),
        most(series.peak(ProcessKey::threads)) {}

  std::string words() const {
    if (!most) return "threads not known";
    if (most == 1) return "1 thread at every sample";
    return first == last ? fmt::format("{} threads, {} at most", text(last), text(most))
                         : fmt::format("threads {} -> {}, {} at most", text(first), text(last), text(most));
  }
};

// Databases of which the same is to be said.
struct Group {
  std::vector<std::string> names, numbers;
  bool established = false, late = false;
  std::int64_t connections = 0;  // most on one database
  std::int64_t rise = 0;

  void add(const std::string& name, std::string numbers_of_it) {
    numbers.push_back(name + ": " + std::move(numbers_of_it));
    names.push_back(name);
  }
  bool empty() const { return names.empty(); }
  // "db1 (main 1 -> 9, ...)", "db1 and db2 (db1: main 1 -> 9, ...; db2: ...)".
  std::string words() const {
    const std::string all = lines_text(numbers);
    return fmt::format("{} ({})", names_text(names),
                       names.size() == 1 ? all.substr(all.find(": ") + 2) : all);
  }
};

// As many main descriptors beside the -wal ones as a few threads at once leave parked.
constexpr std::int64_t kFewParked = 4;

class Counting {
 public:
  Counting(const Evidence& evidence, Parts& parts)
      : evidence_(evidence), parts_(parts), threads_(evidence.cell().series()) {}

  void look() {
    for (const std::string& name : by_number(evidence_.databases())) sort_in(name);
    ask_about_piles();
    ask_about_main();
    ask_about_many();
    ask_about_teeth();
    ask_about_parked();
    ask_about_threads();
    look_elsewhere();
    rule_out();
  }

 private:
  // A connection is told by its -wal, which SQLite never parks; where there is none by its main descriptor.
  void sort_in(const std::string& name) {
    const DatabaseCourse& database = evidence_.databases().at(name);
    const SampleSeries& series = database.series;
    const bool by_wal = series.peak(Key::kernel_wal).value_or(0) > 0;
    const Key key = by_wal ? Key::kernel_wal : Key::kernel_main;
    const Course course = course_of(series, key);
    const std::int64_t connections = series.last().total[key].value_or(0);
    const std::string numbers = classes_of(series);
    bool bounded = false;
    if (course.rising() || course.undecided()) {
      add_rise(by_wal ? piles_ : main_alone_, name, course, rise_of(series, key), connections, numbers);
    } else if (course.shift == Shift::saw_tooth) {
      teeth_.add(name, fmt::format("{} to {} connections, up slowly and down at once", text(course.least),
                                   text(course.most)));
    } else if (connections > std::max(kMostOfAPool, threads_.most.value_or(0))) {
      many_.add(name, numbers);
      many_.connections = std::max(many_.connections, connections);
    } else {
      bounded = true;
      say_what_is_well(name, course, numbers);
      if (connections >= 2 && connections <= threads_.most.value_or(0))
        per_thread_.add(name, fmt::format("{} connections", connections));
    }
    if (by_wal) look_at_surplus(name, database, numbers, bounded);
  }

  void add_rise(Group& group, const std::string& name, const Course& course, std::int64_t rise,
                std::int64_t connections, const std::string& numbers) {
    parts_.more_samples = parts_.more_samples || course.shift != Shift::rises;
    group.add(name, numbers);
    group.established = group.established || course.shift == Shift::rises;
    group.late = group.late || course.undecided();
    group.connections = std::max(group.connections, connections);
    group.rise += rise;
  }

  void say_what_is_well(const std::string& name, const Course& course, const std::string& numbers) {
    const auto say = [&](const std::string& what) {
      parts_.seen.push_back(fmt::format("{}: {}", name, what));
    };
    switch (course.shift) {
      case Shift::steady:
        return say(fmt::format("{} at every sample", numbers));
      case Shift::step:
        return say(
            fmt::format("rose and then stayed, {} ({} connections): bounded, as a pool or a cache that was "
                        "filled",
                        numbers, course.numbers));
      case Shift::burst:
        return say(fmt::format("rose to {} connections and came back to {}: a burst that returned",
                               text(course.most), text(course.last)));
      case Shift::breathes:
        return say(fmt::format("between {} and {} connections, coming and going: in use, without growth",
                               text(course.least), text(course.most)));
      case Shift::falls:
        return say(fmt::format("fell, {} ({} connections)", numbers, course.numbers));
      default:
        return say(numbers);
    }
  }

  // Main descriptors beyond those of connections with a -wal. Parked ones are never more than the connections
  // that were open at once: where main stays within the most -wal ones that were seen nothing else is needed.
  void look_at_surplus(const std::string& name, const DatabaseCourse& database, const std::string& numbers,
                       bool bounded) {
    const SampleSeries& series = database.series;
    const Counts& last = series.last().total;
    const Count main = last[Key::kernel_main], wal = last[Key::kernel_wal];
    const std::int64_t surplus =
        difference(difference(main, wal), last[Key::lock_main_ofd].value_or(0)).value_or(0);
    if (!database.parked.empty()) return parked_.add(name, database.parked);
    if (wal.value_or(0) < 1 || surplus < 1 || !bounded) return;
    const bool within_peaks = *main <= series.peak(Key::kernel_wal).value_or(0);
    const Course course = course_of(series, Key::kernel_main);
    const bool few =
        surplus <= std::max(kFewParked, threads_.most.value_or(0)) && course.shift != Shift::rises;
    if ((course.rising() || course.undecided()) && !within_peaks && !few) {
      return add_rise(main_beside_, name, course, rise_of(series, Key::kernel_main), 0, numbers);
    }
    surplus_.add(name, fmt::format("main {}, -wal {}", text(main), text(wal)));
  }

  std::vector<Candidate> pile_candidates(const Group& group, bool listed_alone) const {
    const std::string numbers = fmt::format("{} in {}", lines_text(group.numbers), extent_text(evidence_));
    const std::int64_t more_threads = difference(threads_.last, threads_.first).value_or(0);
    const bool threads_pile_up = !listed_alone && more_threads >= 3 && 2 * more_threads >= group.rise;
    // Null in a listing that does not name it.
    const nlohmann::ordered_json command = evidence_.subject().value("command", nlohmann::ordered_json());
    const bool collected =
        command.is_string() && command.get<std::string>().find("ython") != std::string::npos;

    const std::string threads = threads_pile_up ? threads_.words() + ": they come with the connections"
                                : group.connections <= threads_.most.value_or(0)
                                    ? threads_.words() + ": there are as many"
                                    : threads_.words() + ": only if threads end and leave theirs open";
    const Candidate unclosed{"unclosed connection", numbers},
        zombie{"zombie connection",
               "the same descriptors; whether the program has closed them is not seen from "
               "outside"},
        deferred{"deferred collection", "the same until a collection comes: none did so far"},
        per_thread{"connection per thread", threads};
    std::vector<Candidate> order{unclosed, deferred, zombie, per_thread};
    if (!collected) std::swap(order[1], order[2]);
    if (threads_pile_up) std::rotate(order.begin(), order.end() - 1, order.end());
    return order;
  }

  void ask_about_piles() {
    if (piles_.empty()) return;
    const char* how = piles_.established ? "pile up"
                      : piles_.late      ? "may be piling up"
                                         : "have piled up so far";
    parts_.ask(fmt::format("connections {} on {}", how, piles_.words()), pile_candidates(piles_, false));
  }

  void ask_about_main() {
    if (!main_beside_.empty()) {
      const std::string numbers = lines_text(main_beside_.numbers);
      parts_.ask(
          fmt::format("main descriptors grow on {}, -wal ones do not", main_beside_.words()),
          {{kOtherMainDescriptors, numbers},
           {"parked descriptors", "grows up to the most connections that are open at once, and no further"},
           {"unclosed connection", "if they were opened and have never read: such a one has no -wal"}});
    }
    if (!main_alone_.empty()) {
      auto candidates = pile_candidates(main_alone_, false);
      candidates.front().evidence += "; no -wal: a rollback journal, or connections that have never read";
      candidates.push_back(
          {kOtherMainDescriptors, "opens of the file outside SQLite look the same without a -wal"});
      parts_.ask(fmt::format("main descriptors grow on {}", main_alone_.words()), std::move(candidates));
    }
  }

  void ask_about_many() {
    if (many_.empty()) return;
    parts_.ask(
        fmt::format("{} connections on one database, more than threads and than a default pool has: {}",
                    many_.connections, many_.words()),
        pile_candidates(many_, true));
    parts_.more_samples = true;
  }

  void ask_about_teeth() {
    if (teeth_.empty()) return;
    const std::string numbers = lines_text(teeth_.numbers);
    parts_.ask(fmt::format("a saw-tooth on {}", teeth_.words()),
               {{"deferred collection", numbers + " in " + extent_text(evidence_), true}});
    if (piles_.empty() && main_alone_.empty() && many_.empty()) {
      const std::string released =
          "descriptors fall at once, again and again: they were released (" + numbers + ")";
      parts_.rule_out("unclosed connection", released);
      parts_.rule_out("zombie connection", released);
    }
  }

  void ask_about_parked() {
    if (!parked_.empty()) {
      parts_.ask(fmt::format("more main descriptors than -wal ones on {}", names_text(parked_.names)),
                 {{"parked descriptors", lines_text(parked_.numbers), true}}, true);
    } else if (!surplus_.empty()) {
      const std::string numbers = lines_text(surplus_.numbers);
      parts_.ask(fmt::format("more main descriptors than -wal ones on {}, without growth", surplus_.words()),
                 {{"parked descriptors", numbers + "; bounded"},
                  {kOtherMainDescriptors, "raw opens that are held, or connections that have not read yet"}},
                 true);
    } else if (evidence_.databases().empty()) {
      parts_.cannot_tell("parked descriptors", "no database was seen");
    } else if (main_beside_.empty()) {
      parts_.rule_out("parked descriptors", "no more main descriptors than -wal ones where a -wal is held");
    }
  }

  void ask_about_threads() {
    if (per_thread_.empty() || !piles_.empty()) return;
    parts_.ask(
        fmt::format("several connections on {}, and as many threads or more", names_text(per_thread_.names)),
        {{"connection per thread",
          fmt::format("{}; {}; a pool looks the same", lines_text(per_thread_.numbers), threads_.words())}},
        true);
  }

  void look_elsewhere() {
    const Course course = course_of(evidence_.elsewhere(), Key::descriptors_net);
    const std::string numbers = fmt::format("descriptors on no database: {}", course.numbers);
    const bool known = !evidence_.databases().empty();
    if (course.shift == Shift::rises) {
      parts_.ask("descriptors that are on no database grow",
                 {{kNotSqlite,
                   numbers + (known ? "" : "; a database without sidecar and lock would not have been found"),
                   known}});
    } else if (course.shift == Shift::rises_so_far || course.undecided()) {
      parts_.seen.push_back(numbers + ": grew so far; more samples would tell");
      parts_.more_samples = true;
    } else if (course.shift != Shift::none && course.shift != Shift::single) {
      parts_.seen.push_back(fmt::format("descriptors on no database: {} to {}, without growth",
                                        text(course.least), text(course.most)));
    }
    const Course like = course_of(evidence_.database_like(), Key::descriptors_net);
    const bool like_rises = like.shift == Shift::rises;
    if (like_rises) ask_about_database_like(like);
    const bool explained = like_rises || course.shift == Shift::rises || !piles_.empty() ||
                           !main_alone_.empty() || !main_beside_.empty() || !teeth_.empty();
    const Course all = course_of(evidence_.everything(), Key::descriptors_net);
    if (explained || all.shift != Shift::rises) return;
    // As where a database was found late, and its descriptors counted elsewhere until then.
    parts_.more_samples = true;
    parts_.ask("the process's descriptors grow, and on what was not told",
               {{kNotSqlite, "descriptors of the process: " + all.numbers},
                {"unclosed connection", "on a database that was found late or not at all"}});
  }

  void ask_about_database_like(const Course& like) {
    Group group;
    group.add("files", fmt::format("{} on them", like.numbers));
    group.rise = *like.last - *like.first;
    auto candidates = pile_candidates(group, false);
    candidates.push_back({kOtherMainDescriptors, "whatever else opens files of such names"});
    parts_.ask(
        "descriptors grow on files that are named like databases and show neither sidecar nor lock, as a "
        "rollback journal's database at rest",
        std::move(candidates));
    database_like_ = parts_.peek_would_tell = true;
  }

  void rule_out() {
    const bool open = database_like_ || !piles_.empty() || !main_alone_.empty() || !many_.empty();
    const std::int64_t samples = evidence_.cell().series().counted();
    for (const char* name : kPile) {
      const bool teeth = !teeth_.empty() && std::string_view(name) != "connection per thread";
      const bool asked = std::string_view(name) == "connection per thread" && !per_thread_.empty();
      if (open || teeth || asked) continue;
      if (evidence_.databases().empty()) {
        parts_.cannot_tell(name, "no database was seen");
      } else if (samples < 3) {
        parts_.cannot_tell(
            name, fmt::format("growth takes 3 samples, there {} {}", samples == 1 ? "is" : "are", samples));
      } else if (main_beside_.empty() || std::string_view(name) != "unclosed connection") {
        parts_.rule_out(name, "no database's descriptors grow: " +
                                  (parts_.seen.empty() ? std::string("none was open") : parts_.seen.front()));
      }
    }
  }

  const Evidence& evidence_;
  Parts& parts_;
  Threads threads_;
  bool database_like_ = false;
  Group piles_, main_beside_, main_alone_, many_, teeth_, parked_, surplus_, per_thread_;
};

}  // namespace

void look_at_counts(const Evidence& evidence, Parts& parts) {
  Counting(evidence, parts).look();
}

}  // namespace walsoak::verdict
