#include "harness/field/trace/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <istream>

namespace walsoak::trace {
namespace {

using nlohmann::json;

OpenSite& site_at(ConnectionCounts& counts, Place place, std::size_t& index) {
  const auto found =
      std::find_if(counts.sites.begin(), counts.sites.end(),
                   [key = place.path_key()](const OpenSite& site) { return site.place.path_key() == key; });
  index = static_cast<std::size_t>(found - counts.sites.begin());
  if (found == counts.sites.end()) counts.sites.push_back({.place = std::move(place)});
  return counts.sites[index];
}

void raise(std::int64_t& open, std::int64_t& peak) {
  peak = std::max(peak, ++open);
}

// A child that ran before the trace by --pid.
UnfollowedProcess child_before(const json& child) {
  const std::int64_t pid = number_in(child, "pid");
  const auto databases = child.find("databases");
  const bool known = databases != child.end() && databases->is_number_integer();
  const std::string held = known ? fmt::format("holds {} database{}", databases->get<std::int64_t>(),
                                               databases->get<std::int64_t>() == 1 ? "" : "s")
                                 : "may not be looked into";
  return {pid, text_in(child, "program"),
          fmt::format("{} and is not followed, since it ran before the trace: walsoak trace --pid {}", held,
                      pid)};
}

// The item of that key, made by `make` where there is none yet.
template <typename Item, typename Make>
Item& item_of(std::vector<Item>& items, std::map<std::string, std::size_t>& known, const std::string& key,
              Make make) {
  const auto [at, is_new] = known.emplace(key, items.size());
  if (is_new) items.push_back(make());
  return items[at->second];
}

}  // namespace

void EventFold::add(const std::string& line) {
  const json event = json::parse(line, nullptr, false);
  if (!event.is_object() || !event.contains("event")) {
    ++summary_.unreadable_lines;
    return;
  }
  const std::string kind = text_in(event, "event");
  if (add_state(kind, event)) return;
  if (kind == "open") {
    add_open(event);
  } else if (kind == "close") {
    add_close(event);
  } else if (kind == "lock_loss") {
    add_loss(event);
  } else if (kind == "failed_statement") {
    add_failure(event, text_in(event, "path"), std::max<std::int64_t>(number_in(event, "times"), 1));
  } else if (kind == "inherited_connection") {
    add_inherited(event);
  }
}

// The events about processes and what of them is not seen. False: another one.
bool EventFold::add_state(const std::string& kind, const json& event) {
  if (kind == "process") {
    add_program(event);
  } else if (kind == "fork") {
    add_fork(event);
  } else if (kind == "end") {
    running_.erase(number_in(event, "pid"));
  } else if (kind == "unseen_connections") {
    std::string object = text_in(event, "object");
    auto& unseen = summary_.unseen;
    if (std::find(unseen.begin(), unseen.end(), object) == unseen.end()) unseen.push_back(std::move(object));
  } else if (kind == "unseen_calls") {
    UnseenCalls calls{text_in(event, "object"), text_in(event, "why")};
    auto& unseen = summary_.unseen_calls;
    if (std::find(unseen.begin(), unseen.end(), calls) == unseen.end()) unseen.push_back(std::move(calls));
  } else {
    return false;
  }
  return true;
}

void EventFold::add_program(const json& event) {
  const std::int64_t pid = number_in(event, "pid");
  summary_.programs.push_back(text_in(event, "program"));
  summary_.attached = summary_.attached || flag_in(event, "attached");
  if (const auto locked = event.find("locked"); locked != event.end() && locked->is_array()) {
    for (const json& path : *locked) {
      if (path.is_string()) summary_.locked.push_back(path.get<std::string>());
    }
  }
  if (const auto children = event.find("children"); children != event.end() && children->is_array()) {
    for (const json& child : *children) summary_.unfollowed.push_back(child_before(child));
  }
  running_[pid] = text_in(event, "program");
  // The same process has become another program: whatever was open ended with the one before.
  drop_connections(pid);
}

void EventFold::add_fork(const json& event) {
  const std::int64_t pid = number_in(event, "pid");
  drop_connections(pid);  // of an earlier process with this number
  const auto parent = running_.find(number_in(event, "parent"));
  running_[pid] = parent == running_.end() ? "" : parent->second;
}

void EventFold::drop_connections(std::int64_t pid) {
  const auto first = open_.lower_bound({pid, 0}), last = open_.lower_bound({pid + 1, 0});
  for (auto at = first; at != last; ++at) {
    ConnectionCounts& counts = summary_.connections[at->second.path];
    --counts.open;
    --counts.sites[at->second.site].open;
  }
  open_.erase(first, last);
}

void EventFold::add_open(const json& event) {
  const std::string path = text_in(event, "path").empty() ? kNoName : text_in(event, "path");
  ConnectionCounts& counts = summary_.connections[path];
  if (number_in(event, "code") != 0) {
    ++counts.failed;
    return add_failure(event, path, 1);
  }
  Connection connection{path, 0};
  OpenSite& site = site_at(counts, place_of(event), connection.site);
  ++counts.opened;
  ++site.opened;
  raise(counts.open, counts.peak);
  raise(site.open, site.peak);
  open_[{number_in(event, "pid"), number_in(event, "connection")}] = connection;
}

void EventFold::add_close(const json& event) {
  if (number_in(event, "code") != 0) return;  // SQLITE_BUSY: it stays open
  // A connection that failed to open, or that a forked child has from its parent, is in nobody's balance.
  const auto found = open_.find({number_in(event, "pid"), number_in(event, "connection")});
  if (found == open_.end()) return;
  ConnectionCounts& counts = summary_.connections[found->second.path];
  OpenSite& site = counts.sites[found->second.site];
  const bool at_exit = flag_in(event, "at_exit");
  ++(at_exit ? counts.freed_at_exit : counts.closed);
  ++(at_exit ? site.freed_at_exit : site.closed);
  --counts.open;
  --site.open;
  if (flag_in(event, "zombie")) ++counts.zombies;
  if (const auto zombie = event.find("zombie"); zombie != event.end() && zombie->is_null()) {
    ++counts.zombies_unknown;
  }
  open_.erase(found);
}

void EventFold::add_loss(const json& event) {
  const Place place = place_of(event);
  const std::string path = text_in(event, "path"), call = text_in(event, "call");
  const std::string key = fmt::format("{}\n{}\n{}", path, call, place.key());
  LossSite& site = item_of(summary_.losses, sites_, key,
                           [&] { return LossSite{path, call, text_in(event, "file"), place, true, {}, 0}; });
  ++site.times;
  site.guarded = site.guarded && flag_in(event, "guarded");
  site.threads.insert(text_in(event, "thread"));
}

void EventFold::add_failure(const json& event, const std::string& path, std::int64_t times) {
  const Place place = place_of(event);
  const std::string call = text_in(event, "call");
  const bool extended = event.contains("extended_code");
  const std::int64_t code = number_in(event, extended ? "extended_code" : "code");
  const std::string key = fmt::format("{}\n{}\n{}\n{}", path, call, code, place.key());
  item_of(summary_.failures, failures_, key, [&] {
    return FailureSite{path, call, code, place, 0};
  }).times += times;
}

void EventFold::add_inherited(const json& event) {
  const Place place = place_of(event);
  const std::string path = text_in(event, "path"), call = text_in(event, "call");
  const std::string key = fmt::format("{}\n{}\n{}", path, call, place.key());
  ++item_of(summary_.inherited, inherited_, key, [&] { return InheritedSite{path, call, place, 0}; }).times;
}

Summary EventFold::summary() const {
  Summary summary = summary_;
  if (!summary.attached) summary.killed = static_cast<std::int64_t>(running_.size());
  return summary;
}

Summary summarise(std::istream& events) {
  EventFold fold;
  for (std::string line; std::getline(events, line);) {
    if (!line.empty()) fold.add(line);
  }
  return fold.summary();
}

}  // namespace walsoak::trace
