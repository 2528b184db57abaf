#include "harness/report/blocks/watched.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/base/escape/escape.h"
#include "harness/base/shared/span_text.h"
#include "harness/report/text/cells.h"
#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

constexpr std::size_t kMostNamed = 8;  // databases and segments in a sentence
constexpr const char* kClasses[] = {"main", "wal", "shm", "journal"};

std::string span_text(const Json& seconds) {
  if (!seconds.is_number()) return "?";
  return walsoak::span_text(seconds.get<double>());
}

// db2 before db10.
std::vector<const Json*> databases_of(const Json& watched) {
  std::vector<const Json*> databases;
  for (const Json& database : watched.at("databases")) databases.push_back(&database);
  std::sort(databases.begin(), databases.end(), [](const Json* a, const Json* b) {
    const auto name_a = shown(a->at("name")), name_b = shown(b->at("name"));
    return name_a.size() != name_b.size() ? name_a.size() < name_b.size() : name_a < name_b;
  });
  return databases;
}

std::int64_t grown_by(const Json& moments) {
  const Json& first = moments.at("first");
  const Json& last = moments.at("last");
  return first.is_number_integer() && last.is_number_integer()
             ? last.get<std::int64_t>() - first.get<std::int64_t>()
             : 0;
}

std::string from_to(const Json& moments) {
  if (moments.at("first") == moments.at("last")) return shown(moments.at("first"));
  return fmt::format("{} to {}", shown(moments.at("first")), shown(moments.at("last")));
}

std::string listed_some(std::vector<std::string> items) {
  const std::size_t all = items.size();
  if (all > kMostNamed) {
    items.resize(kMostNamed);
    items.push_back(fmt::format("{} more", all - kMostNamed));
  }
  return listed(items);
}

std::string what_grew(const Json& watched) {
  std::vector<std::string> grown;
  for (const Json* database : databases_of(watched)) {
    std::string classes;
    for (const char* name : kClasses) {
      const Json& moments = database->at(name);
      if (grown_by(moments) > 0)
        classes += fmt::format("{}{} {}", classes.empty() ? "" : ", ", name, from_to(moments));
    }
    if (!classes.empty()) grown.push_back(fmt::format("{} ({})", shown(database->at("name")), classes));
  }
  return fmt::format(
      "From the first sample to the last {}; the process's descriptors: {}, limit {}.",
      grown.empty() ? "no database's descriptors grew" : listed_some(std::move(grown)) + " grew",
      from_to(watched.at("descriptors")), shown(watched.at("descriptor_limit")));
}

std::string what_was_watched(const Json& cell) {
  const Json& watched = cell.at("watched");
  const std::string how_often = watched.at("every_s").is_null() ? std::string("when asked")
                                                                : "every " + span_text(watched.at("every_s"));
  const auto duration_s = watched.at("duration_us").get<double>() / 1e6;
  const Json& ended = watched.at("ended");
  std::string text = fmt::format(
      "{}: watched {} (pid {}, started {}) for {}, {}: samples: {}, databases: {}", shown(cell.at("cell")),
      shown(watched.at("command")), shown(watched.at("pid")), shown(watched.at("start_time")),
      span_text(duration_s), how_often, shown(watched.at("samples")), watched.at("databases").size());
  return text + (ended.is_null() ? "; it is still being watched." : fmt::format("; end: {}.", shown(ended)));
}

std::vector<std::string> lines_of_segment(const Json& cell) {
  std::vector<std::string> lines{what_was_watched(cell) + " " + what_grew(cell.at("watched"))};
  for (const Json& mechanism : cell.value("mechanisms", Json::array())) {
    lines.push_back(
        fmt::format("Seen: **{}** ({}).", shown(mechanism.at("name")), shown(mechanism.at("evidence"))));
  }
  return lines;
}

}  // namespace

bool is_watch(const Json& summary) {
  const Json& cells = summary.at("cells");
  return !cells.empty() && cells.front().contains("watched");
}

std::string watch_answer(const Json& summary) {
  const Json& cells = summary.at("cells");
  if (cells.size() == 1) {
    const auto evidence = strings(cells.front().value("evidence", Json::array()));
    return fmt::format("Finding: {}{}.", all_found(cells.front()),
                       evidence.empty() ? "" : " (" + evidence.front() + ")");
  }
  std::vector<std::string> found;
  for (const Json& cell : cells) found.push_back(fmt::format("{} {}", name_of(cell), all_found(cell)));
  return fmt::format("Findings, one for each of {} incarnations of the process: {}.", cells.size(),
                     listed_some(std::move(found)));
}

std::vector<std::string> watch_lines(const Json& summary) {
  std::vector<std::string> lines;
  const Json& cells = summary.at("cells");
  for (std::size_t i = 0; i < std::min(cells.size(), kMostNamed); ++i) {
    for (const std::string& line : lines_of_segment(cells[i])) lines.push_back(line);
  }
  if (cells.size() > kMostNamed) {
    lines.push_back(fmt::format("{} more segments stand in the table.", cells.size() - kMostNamed));
  }
  return lines;
}

std::string segments_section(const Json& summary, std::size_t most_rows) {
  Table table({"segment", "pid", "finding", "mechanisms", "samples", "duration", "growth main/wal/shm",
               "peak descriptors", "end"});
  for (const Json& cell : summary.at("cells")) {
    const Json& watched = cell.at("watched");
    table.add({shown(cell.at("cell")), shown(watched.at("pid")), all_found(cell), mechanisms_text(cell),
               shown(watched.at("samples")), span_text(watched.at("duration_us").get<double>() / 1e6),
               growth_text(cell), shown(watched.at("descriptors").at("peak")), shown(watched.at("ended"))});
  }
  return "## Segments\n\nOne for each incarnation of the process.\n\n" + folded(std::move(table), most_rows);
}

std::string databases_section(const Json& summary, std::size_t most_rows) {
  Table table({"segment", "database", "main", "-wal", "-shm", "-journal", "peak main/wal/shm", "-wal deleted",
               "-shm deleted", "-wal bytes"});
  for (const Json& cell : summary.at("cells")) {
    for (const Json* database : databases_of(cell.at("watched"))) {
      const auto peak = [&](const char* name) { return shown(database->at(name).at("peak")); };
      table.add({shown(cell.at("cell")), shown(database->at("name")), from_to(database->at("main")),
                 from_to(database->at("wal")), from_to(database->at("shm")), from_to(database->at("journal")),
                 fmt::format("{}/{}/{}", peak("main"), peak("wal"), peak("shm")), peak("wal_deleted"),
                 peak("shm_deleted"), from_to(database->at("wal_bytes"))});
    }
  }
  if (table.empty()) return {};
  return "## Databases\n\nDescriptors of the process, from the first sample that saw the database to the "
         "last. "
         "Which files these are stands in `run.json` and in the streams alone.\n\n" +
         folded(std::move(table), most_rows);
}

std::string watch_limits_section(const Json& summary) {
  bool peeked = false;
  for (const Json& cell : summary.at("cells")) peeked = peeked || cell.at("watched").value("peek", false);
  return fmt::format(
      "## What this does not show\n\n"
      "- Rows were not looked at: whether commits were lost, files are sound or passes failed is not known, "
      "and the "
      "finding says nothing about it.\n"
      "- Nothing was counted inside of the process: which connections the program holds open, and which "
      "descriptors "
      "SQLite keeps parked, is not known. Mechanisms that need such a ledger are unknown, not ruled out.\n"
      "- What came and went between two samples was not seen.\n"
      "- Files were taken for databases by their sidecars and locks{}.\n",
      peeked ? ", or by their first bytes"
             : "; one that is open without either was not found (`--peek` reads 100 bytes of such files)");
}

std::vector<std::string> watch_words() {
  return {"**segment**: one incarnation of the process, from its first sample to its end.",
          "**finding**: what the descriptors showed, the first that holds of leak (they grew from the first "
          "third of "
          "the samples to the second and from that to the last), bounded growth (not from the second to the "
          "last), "
          "churn (the -wal was unlinked again and again), clean. **unknown**: the samples cannot tell.",
          "**main**, **-wal**, **-shm**, **-journal**: the database file and the files that SQLite keeps "
          "beside it; "
          "**deleted**: held open after it was unlinked."};
}

std::string watch_text(const Json& stored) {
  const Json summary = escape::visible_document(stored);
  std::string text = watch_answer(summary) + "\n";
  for (const std::string& line : watch_lines(summary)) text += line + "\n";
  return without_marks(std::move(text));
}

}  // namespace walsoak::report
