#include "harness/judgement/diagnosis/diagnosis_groups.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::judgement {
namespace {

Count process_at(const facts::SampleSeries::Moment& moment, facts::ProcessKey key) {
  return moment.process[static_cast<std::size_t>(key)];
}

std::string from_to(const facts::SampleSeries& series, facts::Key key) {
  const Count first = series.first().total[key], last = series.last().total[key];
  return first == last ? text(last) : fmt::format("{} -> {}", text(first), text(last));
}

}  // namespace

std::int64_t rise_of(const facts::SampleSeries& series, facts::Key key) {
  const std::vector<stats::Bin>& bins = series.bins(key).bins();
  const std::size_t third = std::max<std::size_t>(1, bins.size() / 3);
  Count first, last;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (!bins[i].min) return 0;
    if (i < third) first = std::min(first.value_or(*bins[i].min), *bins[i].min);
    if (i >= bins.size() - third) last = std::min(last.value_or(*bins[i].min), *bins[i].min);
  }
  return first && last ? *last - *first : 0;
}

std::string classes_of(const facts::SampleSeries& series) {
  std::string line =
      fmt::format("main {}, -wal {}, -shm {}", from_to(series, facts::Key::kernel_main),
                  from_to(series, facts::Key::kernel_wal), from_to(series, facts::Key::kernel_shm));
  if (series.peak(facts::Key::kernel_journal).value_or(0) > 0)
    line += fmt::format(", -journal {}", from_to(series, facts::Key::kernel_journal));
  return line;
}

Threads::Threads(const facts::SampleSeries& series)
    : first(process_at(series.first(), facts::ProcessKey::threads)),
      last(process_at(series.last(), facts::ProcessKey::threads)),
      most(series.peak(facts::ProcessKey::threads)) {}

std::string Threads::words() const {
  if (!most) return "threads not known";
  if (most == 1) return "1 thread at every sample";
  return first == last ? fmt::format("{} threads, {} at most", text(last), text(most))
                       : fmt::format("threads {} -> {}, {} at most", text(first), text(last), text(most));
}

void Group::add(const std::string& name, const std::string& numbers_of_it) {
  numbers.push_back(fmt::format("{}: {}", name, numbers_of_it));
  names.push_back(name);
}

std::string Group::words() const {
  const std::string all = lines_text(numbers);
  return fmt::format("{} ({})", names_text(names), names.size() == 1 ? all.substr(all.find(": ") + 2) : all);
}

const char* Group::how() const {
  return established ? "pile up" : late ? "may be piling up" : "rose so far, as in a busy moment too,";
}

std::vector<Candidate> pile_candidates(const facts::ProcessHistory& evidence, const Threads& threads,
                                       const Group& group, bool listed_alone) {
  const std::string numbers = fmt::format("{} in {}", lines_text(group.numbers), extent_text(evidence));
  const std::int64_t more_threads = difference(threads.last, threads.first).value_or(0);
  const bool threads_pile_up = !listed_alone && more_threads >= 3 && 2 * more_threads >= group.rise;
  // Null in a listing that does not name it.
  const nlohmann::ordered_json command = evidence.subject().value("command", nlohmann::ordered_json());
  const bool collected = command.is_string() && command.get<std::string>().find("ython") != std::string::npos;

  const std::string words = threads_pile_up ? threads.words() + ": they come with the connections"
                            : group.connections <= threads.most.value_or(0)
                                ? threads.words() + ": there are as many"
                                : threads.words() + ": only if threads end and leave theirs open";
  const Candidate unclosed{kUnclosedConnection, numbers},
      zombie{kZombieConnection,
             "the same descriptors; whether the program has closed them is not seen from "
             "outside"},
      deferred{kDeferredCollection, "the same until a collection comes: none did so far"},
      per_thread{kConnectionPerThread, words};
  std::vector<Candidate> order{unclosed, deferred, zombie, per_thread};
  if (!collected) std::swap(order[1], order[2]);
  if (threads_pile_up) std::rotate(order.begin(), order.end() - 1, order.end());
  return order;
}

std::vector<Candidate> beside_candidates(const std::string& numbers, bool closed) {
  std::vector<Candidate> order{
      {kOtherMainDescriptors, numbers},
      {kParkedDescriptors,
       "grows up to the most connections that are open at once; a main file that may only be read without "
       "bound, before "
       "SQLite 3.46"},
      {kUnclosedConnection, "if they were opened and have never read: such a one has no -wal"}};
  if (closed) {
    order[1].evidence = numbers + ": connections were closed, and leave at most as many as were open at once";
    order[0].evidence = "raw opens that are held";
    std::swap(order[0], order[1]);
  }
  return order;
}

}  // namespace walsoak::judgement
