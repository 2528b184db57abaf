#include "harness/field/trace/summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/escape/terminal.h"
#include "harness/field/preload/channel.h"
#include "harness/field/trace/sqlite_codes.h"

namespace walsoak::trace {
namespace {

constexpr std::size_t kMostPlaces = 12;

constexpr const char* kWhatItMeans =
    "lock lost: closing any descriptor of a file drops all locks that the process has on it, those of "
    "SQLite's\n"
    "connections too (sqlite.org/howtocorrupt.html, 2.2). They go on as if they held them. Another process "
    "that\n"
    "closes last may then take itself for the only one, checkpoint, and unlink -wal and -shm under them.\n"
    "  try: stat() instead of opening the file, or ask through SQLite; walsoak repro lock-lost shows it "
    "alone\n";

constexpr const char* kWhatInheritedMeans =
    "a connection must not be carried over fork(), not even to be closed (sqlite.org/howtocorrupt.html, "
    "2.6): "
    "its\n"
    "locks stay with the parent, and SQLite believes in the child that it has them, for each connection to "
    "that file.\n"
    "  try: close it before fork(), or exec() a program that opens its own\n";

std::string times(std::int64_t count) {
  return count == 1 ? "once" : escape::format("{} times", count);
}

std::string callers_text(const Place& place) {
  std::string text;
  for (const std::string& caller : place.rest) text += escape::format("      called from {}\n", caller);
  return text;
}

std::string at_text(const Place& place) {
  return place.at.empty() ? ", at an unknown place" : escape::format(", at {}", place.at);
}

// Losses that were possible although none was seen; empty where all calls could be seen.
std::string unseen_text(const Summary& summary) {
  std::string text;
  for (const std::string& object : summary.unseen) {
    text += escape::format(
        "connections of {} are not all seen: it locks databases, and no call of sqlite3_open*() was seen "
        "(SQLite linked in, mostly); its lock losses are seen\n",
        object);
  }
  for (const UnseenCalls& calls : summary.unseen_calls) {
    text += escape::format("calls of {} are not all seen: {}; walsoak trace --pid sees system calls\n",
                           calls.object, calls.why);
  }
  for (const UnfollowedProcess& process : summary.unfollowed) {
    text += escape::format("process {} ({}): {}\n", process.pid, process.program, process.why);
  }
  if (summary.killed > 0) {
    text += escape::format(
        "{} ended by a signal, or became a program that is not followed: a lock that was lost there by a "
        "call "
        "that the library does not see is not known\n",
        summary.killed == 1 ? "1 process" : escape::format("{} processes", summary.killed));
  }
  return text;
}

std::string losses_text(const Summary& summary) {
  if (summary.losses.empty()) {
    const bool all = summary.unseen_calls.empty() && summary.unfollowed.empty() && summary.killed == 0;
    return all ? "lock losses: none seen\n" : "lock losses: none in the calls that were seen\n";
  }
  std::int64_t total = 0;
  for (const LossSite& site : summary.losses) total += site.times;
  std::string text = escape::format("lock losses: {}\n", total);
  for (const LossSite& site : summary.losses) {
    const bool placed = !site.place.at.empty();
    const bool unseen = site.call == kUnseenCall;
    text += escape::format("  {}: {} {}{}\n", site.path, unseen ? "a call that was not seen" : site.call,
                           times(site.times), placed ? ", at " + site.place.at : "");
    text += callers_text(site.place);
    const std::string module = site.place.module.empty() ? "code in no object" : site.place.module;
    text += escape::format("      {} {}thread {}{}\n", unseen ? "noticed by" : "by",
                           placed ? module + ", " : "", fmt::format("{}", fmt::join(site.threads, ", ")),
                           site.guarded ? "; an open-file-description lock still guards the file" : "");
  }
  if (summary.attached && summary.losses.front().place.at.empty()) {
    text += "where: --stack names the C code; walsoak trace -- COMMAND the Python line, too\n";
  }
  return text + kWhatItMeans;
}

// Those that leave connections open first, then by number.
std::vector<const OpenSite*> worst_first(const std::vector<OpenSite>& sites) {
  std::vector<const OpenSite*> sorted;
  for (const OpenSite& site : sites) sorted.push_back(&site);
  std::stable_sort(sorted.begin(), sorted.end(), [](const OpenSite* one, const OpenSite* other) {
    return std::pair(one->left_open(), one->opened) > std::pair(other->left_open(), other->opened);
  });
  return sorted;
}

std::string sites_text(const std::vector<OpenSite>& sites) {
  std::string text;
  std::size_t shown = 0;
  for (const OpenSite* const site : worst_first(sites)) {
    if (++shown > kMostPlaces) continue;
    text += escape::format("  opened {}{}: ", times(site->opened), at_text(site->place));
    text += site->left_open() == 0 ? std::string("all closed")
                                   : escape::format("{} not closed by the program", site->left_open());
    text += escape::format(", at most {} open at once\n", site->peak);
    text += callers_text(site->place);
  }
  if (shown > kMostPlaces) text += escape::format("  and {} places more: --json\n", shown - kMostPlaces);
  return text;
}

std::string connections_text(const std::string& path, const ConnectionCounts& counts) {
  std::string text =
      escape::format("connections to {}: {} opened, {} closed", path, counts.opened, counts.closed);
  if (counts.freed_at_exit > 0) {
    text += escape::format(", {} freed only as the interpreter exited", counts.freed_at_exit);
  }
  text += escape::format(", {} open at the end; at most {} open at once", counts.open_at_end(), counts.peak);
  if (counts.zombies > 0)
    text += escape::format(", {} closed with unfinalized statements (zombies)", counts.zombies);
  if (counts.zombies_unknown > 0) {
    text += escape::format(", {} closed of which nobody can tell whether they are zombies",
                           counts.zombies_unknown);
  }
  if (counts.failed > 0) text += escape::format(", {} failed to open", counts.failed);
  return text + '\n' + sites_text(counts.sites);
}

std::string failures_text(const Summary& summary) {
  std::string text;
  for (const FailureSite& site : summary.failures) {
    text += escape::format("failed {}: {} with {}{}{}\n", times(site.times), site.call, code_text(site.code),
                           site.path.empty() ? "" : " on " + site.path, at_text(site.place));
    text += callers_text(site.place);
  }
  return text;
}

std::string inherited_text(const Summary& summary) {
  std::string text;
  for (const InheritedSite& site : summary.inherited) {
    const bool beside = site.call.rfind("sqlite3_open", 0) == 0;
    text += escape::format(
        "a forked child {} to {}: {} {}{}\n",
        beside ? "opened a connection beside its parent's connection" : "used its parent's connection",
        site.path.empty() ? "a database" : site.path, site.call, times(site.times), at_text(site.place));
    text += callers_text(site.place);
  }
  return summary.inherited.empty() ? text : text + kWhatInheritedMeans;
}

std::string attached_text(const Summary& summary) {
  std::string text = "connections: not seen from outside; walsoak trace -- COMMAND counts them\n";
  for (const std::string& path : summary.locked) {
    text += escape::format("locked when the trace began: {}\n", path);
  }
  if (summary.locked.empty()) text += "locked when the trace began: no database\n";
  if (const auto named = summary.at_attach.find("named");
      summary.at_attach.is_object() && named != summary.at_attach.end() && !named->empty()) {
    text += escape::format("already so when the trace began (walsoak diagnose --pid says more): {}\n",
                           text_in(summary.at_attach, "verdict"));
  }
  return text;
}

}  // namespace

std::string text_of(const Summary& summary, const std::string& events) {
  std::string text;
  if (summary.attached) {
    text += attached_text(summary);
  } else if (summary.connections.empty()) {
    text += "connections: none seen\n";
  }
  for (const auto& [path, counts] : summary.connections) text += connections_text(path, counts);
  text += failures_text(summary);
  text += inherited_text(summary);
  text += unseen_text(summary);
  text += losses_text(summary);
  if (summary.unreadable_lines > 0) {
    text += escape::format("{} lines of the events cannot be read\n", summary.unreadable_lines);
  }
  if (!events.empty()) text += escape::format("events: {}\n", events);
  return text;
}

}  // namespace walsoak::trace
