#include "harness/field/trace/summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/escape/terminal.h"
#include "harness/field/preload/channel.h"
#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::trace {
namespace {

constexpr const char* kWhatItMeans =
    "lock lost: closing any descriptor of a file drops all locks that the process has on it, those of "
    "SQLite's\n"
    "connections too (sqlite.org/howtocorrupt.html, 2.2). They go on as if they held them. Another process "
    "that\n"
    "closes last may then take itself for the only one, checkpoint, and unlink -wal and -shm under them.\n"
    "  try: stat() instead of opening the file, or ask through SQLite; walsoak repro lock-lost shows it "
    "alone\n";

std::string times(std::int64_t count) {
  return count == 1 ? "once" : escape::format("{} times", count);
}

std::string losses_text(const Summary& summary) {
  if (summary.losses.empty()) return "lock losses: none seen\n";
  std::int64_t total = 0;
  for (const LossSite& site : summary.losses) total += site.times;
  std::string text = escape::format("lock losses: {}\n", total);
  for (const LossSite& site : summary.losses) {
    const bool placed = !site.place.empty();
    const bool unseen = site.call == kUnseenCall;
    text += escape::format("  {}: {} {}{}\n", site.path, unseen ? "a call that was not seen" : site.call,
                           times(site.times), placed ? ", at " + site.place : "");
    for (const std::string& caller : site.rest) text += escape::format("      called from {}\n", caller);
    const std::string module = site.module.empty() ? "code in no object" : site.module;
    text += escape::format("      {} {}thread {}{}\n", unseen ? "noticed by" : "by",
                           placed ? module + ", " : "", fmt::format("{}", fmt::join(site.threads, ", ")),
                           site.guarded ? "; an open-file-description lock still guards the file" : "");
  }
  if (summary.attached && summary.losses.front().place.empty()) {
    text += "where: --stack names the C code; walsoak trace -- COMMAND the Python line, too\n";
  }
  return text + kWhatItMeans;
}

}  // namespace

std::string text_of(const Summary& summary, const std::string& events) {
  std::string text;
  if (summary.attached) {
    text += "connections: not seen from outside; walsoak trace -- COMMAND counts them\n";
    for (const std::string& path : summary.locked) {
      text += escape::format("locked when the trace began: {}\n", path);
    }
    if (summary.locked.empty()) text += "locked when the trace began: no database\n";
  } else if (summary.connections.empty()) {
    text += "connections: none seen\n";
  }
  for (const auto& [path, counts] : summary.connections) {
    text += escape::format("connections to {}: {} opened, {} closed, {} open at the end", path, counts.opened,
                           counts.closed, counts.open_at_end());
    if (counts.zombies > 0)
      text += escape::format(", {} closed with unfinalized statements (zombies)", counts.zombies);
    if (counts.failed > 0) text += escape::format(", {} failed to open", counts.failed);
    text += '\n';
  }
  for (const std::string& object : summary.unseen) {
    text += escape::format(
        "connections of {} cannot be seen: it locks databases and has SQLite linked in; its lock losses are "
        "seen\n",
        object);
  }
  text += losses_text(summary);
  if (summary.unreadable_lines > 0) {
    text += escape::format("{} lines of the events cannot be read\n", summary.unreadable_lines);
  }
  if (!events.empty()) text += escape::format("events: {}\n", events);
  return text;
}

nlohmann::ordered_json json_of(const Summary& summary) {
  nlohmann::ordered_json connections = nlohmann::ordered_json::array();
  for (const auto& [path, counts] : summary.connections) {
    connections.push_back({{"path", path},
                           {"opened", counts.opened},
                           {"closed", counts.closed},
                           {"open_at_end", counts.open_at_end()},
                           {"zombies", counts.zombies},
                           {"failed", counts.failed}});
  }
  nlohmann::ordered_json losses = nlohmann::ordered_json::array();
  for (const LossSite& site : summary.losses) {
    losses.push_back({{"mechanism", kLockLost},
                      {"path", site.path},
                      {"file", site.file},
                      {"call", site.call},
                      {"place", site.place},
                      {"module", site.module},
                      {"called_from", site.rest},
                      {"threads", site.threads},
                      {"guarded", site.guarded},
                      {"times", site.times}});
  }
  // What was not looked at is null, and not none.
  if (summary.attached) connections = nullptr;
  return {{"schema_version", 1},
          {"attached", summary.attached},
          {"programs", summary.programs},
          {"locked_at_attach", summary.attached ? nlohmann::ordered_json(summary.locked) : nullptr},
          {"connections", connections},
          {"unseen_connections", summary.unseen},
          {"lock_losses", losses},
          {"unreadable_lines", summary.unreadable_lines}};
}

}  // namespace walsoak::trace
