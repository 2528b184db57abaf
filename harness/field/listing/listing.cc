#include "harness/field/listing/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>

#include "harness/base/shared/errors.h"
#include "harness/evidence/observer/databases.h"
#include "harness/evidence/record/stream_reader.h"
#include "harness/field/listing/listing_process.h"
#include "harness/field/listing/listing_reader.h"
#include "harness/field/listing/not_a_listing.h"
#include "harness/field/listing/pid_lines.h"
#include "harness/field/watch/stream_lines.h"

namespace walsoak::watch {
namespace {

using nlohmann::ordered_json;

Listings read_by(ListingReader& reader, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.accept(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.finish();
}

Listings read(std::string_view text) {
  const auto pid_lines = pid_lines_of(text);
  ListingReader first(pid_lines);
  Listings listings = read_by(first, text);
  TableTasks tables = first.tables();
  if (tables.empty()) return listings;
  ListingReader second(pid_lines, std::move(tables));
  return read_by(second, text);
}

std::size_t first_line(const Listings& listings) {
  return listings.samples.front().entries.front().line;
}

// Those that hold databases: by sidecars where any does, else by name; one that has no pid only where no
// other is.
std::vector<ListedProcess> holders(std::vector<ListedProcess> all) {
  const auto keep = [&all](auto wanted) {
    if (std::any_of(all.begin(), all.end(), wanted)) std::erase_if(all, std::not_fn(wanted));
  };
  std::erase_if(all, [](const ListedProcess& process) { return process.databases().empty(); });
  keep([](const ListedProcess& process) { return process.has_sidecars(); });
  keep([](const ListedProcess& process) { return process.pid().has_value(); });
  return all;
}

[[noreturn]] void refuse_denied(std::size_t line) {
  throw Refused(fmt::format(
      "line {}: the descriptors could not be read there: run it as root or as the process's user", line));
}

[[noreturn]] void refuse_without_database(const std::vector<ListedProcess>& all, const Listings& listings,
                                          bool cut) {
  const std::size_t line = first_line(listings);
  if (listings.denied) refuse_denied(*listings.denied);
  if (cut) {
    throw Refused(fmt::format(
        "line {}: the names are cut off at the end of the line: write them to a file or through a pipe (lsof "
        "-n -P -p PID | cat)",
        line));
  }
  std::string most;
  if (all.size() == 1) most = composition_text(all.front().elsewhere(all.front().samples() - 1));
  throw Refused(fmt::format(
      "line {}: a listing of {} process{}, but no database among the open files: no -wal, -shm or -journal, "
      "and no file named like a database{}; give the whole table (lsof -n -P -p PID)",
      line, all.size(), all.size() == 1 ? "" : "es", most.empty() ? "" : " (" + most + ")"));
}

std::vector<ListedProcess> chosen(const Listings& listings, std::optional<std::int64_t> pid) {
  std::vector<ListedProcess> all;
  for (const auto& listed : listed_pids(listings)) all.emplace_back(listed, listings);
  if (pid) {
    std::erase_if(all, [pid](const ListedProcess& process) { return process.pid() != pid; });
    if (all.empty())
      throw Refused(
          fmt::format("line {}: this listing shows no descriptor of process {}", first_line(listings), *pid));
    return all;
  }
  const bool cut = std::any_of(all.begin(), all.end(), [](const ListedProcess& process) {
    return process.cut() && process.databases().empty();
  });
  // That a whole table shows no database says something of the process.
  if (all.size() == 1 && ((all.front().part(0).whole && !cut) || !all.front().databases().empty()))
    return all;
  std::vector<ListedProcess> found = holders(all);
  if (found.empty()) refuse_without_database(all, listings, cut);
  return found;
}

// Microseconds since the first sample; empty where some sample's time is not known, or where they do not
// follow each other.
std::vector<std::int64_t> times_of(const ListedProcess& process, const Listings& listings) {
  constexpr std::int64_t kDayUs = 86400ll * 1000000;
  std::vector<std::int64_t> times;
  std::optional<Moment> first, before;
  std::int64_t midnights_us = 0;
  for (std::size_t i = 0; i < process.samples(); ++i) {
    const auto& moment = listings.samples[process.part(i).sample].moment;
    if (!moment || (first && moment->dated != first->dated)) return {};
    if (!first) first = moment;
    if (before && moment->us < before->us) {
      if (moment->dated) return {};
      midnights_us += kDayUs;
    }
    before = moment;
    times.push_back(moment->us - first->us + midnights_us);
  }
  return times;
}

ordered_json header_of(const ListedProcess& process, bool spacing_known) {
  return {{"type", "header"},
          {"schema_version", record::kStreamVersion},
          {"cell", "w01"},
          {"settings",
           {{"mode", "watch"},
            {"every_s", nullptr},
            {"peek", false},
            {"source", "listing"},
            {"spacing", spacing_known ? "known" : "unknown"}}},
          {"subject",
           {{"pid", process.pid() ? ordered_json(*process.pid()) : ordered_json()},
            {"start_ticks", nullptr},
            {"start_time", nullptr},
            {"command", process.command().empty() ? ordered_json() : ordered_json(process.command())},
            {"arguments", ordered_json::array()},
            {"user", nullptr}}},
          {"boards", ordered_json::array()},
          {"started", nullptr}};
}

NamedDatabase named(const std::string& name, const ListedDatabase& database) {
  return {name, database.bare ? database.path.substr(1) : database.path,
          database.by_sidecar ? "sidecar" : "name"};
}

std::vector<ordered_json> lines_of(const ListedProcess& process, const Listings& listings) {
  const std::vector<std::int64_t> times = times_of(process, listings);
  const bool known = times.size() > 1;

  std::vector<ordered_json> lines{header_of(process, known)};
  observer::DatabaseNames names;
  for (std::size_t i = 0; i < process.samples(); ++i) {
    const std::int64_t t_us = known ? times[i] : 0;
    ordered_json sample{{"type", "sample"}, {"tick", i}, {"t_us", t_us}, {"quiet", true}};
    sample["boards"] = ordered_json::object();
    for (const ListedDatabase& database : process.databases()) {
      const std::size_t first = process.first_sample(database);
      if (first > i) continue;
      const std::string& name = names.of(database.path);
      if (first == i && i == 0) lines[0]["boards"].push_back(database_json(named(name, database)));
      if (first == i && i > 0)
        lines.push_back(database_line(static_cast<std::int64_t>(i), t_us, named(name, database)));
      sample["boards"][name] = process.board(i, database);
    }
    const auto& limit = listings.descriptor_limit;
    sample["process"] = {{"descriptors", process.descriptors(i)},
                         {"descriptor_limit", limit ? ordered_json(*limit) : ordered_json()},
                         {"threads", nullptr},
                         {"rss_bytes", nullptr}};
    lines.push_back(std::move(sample));
  }
  lines.push_back(end_line("done", static_cast<std::int64_t>(process.samples())));
  return lines;
}

}  // namespace

std::vector<ListingStream> streams_of_listing(std::string_view text, std::optional<std::int64_t> pid) {
  const Listings listings = read(text);
  if (listings.samples.empty()) {
    if (listings.denied) refuse_denied(*listings.denied);
    throw Refused(fmt::format("{}: {}",
                              listings.lines > 1 ? fmt::format("lines 1 to {}", listings.lines) : "line 1",
                              instead_of(text)));
  }
  const std::vector<ListedProcess> processes = chosen(listings, pid);
  if (processes.size() == 1 && are_unlike(processes.front(), listings)) {
    throw Refused(fmt::format(
        "line {}: {} listings without times, of several containers or hosts or with sockets and "
        "pipes that differ: give each process alone, or put its id on a line before its listing, or "
        "a date where they are one process's",
        first_line(listings), processes.front().samples()));
  }
  std::vector<ListingStream> streams;
  for (const ListedProcess& process : processes)
    streams.push_back({lines_of(process, listings), context_of(process, listings, processes.size())});
  for (std::size_t i = 0; i < streams.size(); ++i)
    streams[i].lines.front()["cell"] = fmt::format("w{:02}", i + 1);
  return streams;
}

}  // namespace walsoak::watch
