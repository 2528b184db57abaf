#include "harness/field/trace/events.h"

#include <fmt/format.h>

#include <istream>

namespace walsoak::trace {
namespace {

using nlohmann::json;

constexpr std::size_t kMostCallers = 3;

std::int64_t number(const json& event, const char* key) {
  const auto at = event.find(key);
  return at != event.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0;
}

std::string text(const json& event, const char* key) {
  const auto at = event.find(key);
  return at != event.end() && at->is_string() ? at->get<std::string>() : std::string();
}

bool flag(const json& event, const char* key) {
  const auto at = event.find(key);
  return at != event.end() && at->is_boolean() && at->get<bool>();
}

std::string python_place(const json& frame) {
  return fmt::format("{}:{} in {}", text(frame, "file"), number(frame, "line"), text(frame, "function"));
}

std::string c_place(const json& frame) {
  const std::string module = text(frame, "module");
  const std::string where =
      fmt::format("{}+{}", module.empty() ? "no module" : module, text(frame, "offset"));
  const std::string symbol = text(frame, "symbol");
  return symbol.empty() ? where : fmt::format("{} ({})", symbol, where);
}

// The Python frames where there are any, else the C frames, innermost first.
std::vector<std::string> places(const json& event) {
  std::vector<std::string> found;
  for (const auto& [key, place] : {std::pair("python", &python_place), std::pair("stack", &c_place)}) {
    const auto frames = event.find(key);
    if (frames == event.end() || !frames->is_array()) continue;
    for (const json& frame : *frames) {
      if (frame.is_object()) found.push_back(place(frame));
    }
    if (!found.empty()) break;
  }
  return found;
}

}  // namespace

void EventFold::add(const std::string& line) {
  const json event = json::parse(line, nullptr, false);
  if (!event.is_object() || !event.contains("event")) {
    ++summary_.unreadable_lines;
    return;
  }
  const std::string kind = text(event, "event");
  if (kind == "process") {
    add_program(event);
  } else if (kind == "open") {
    add_open(event);
  } else if (kind == "close") {
    add_close(event);
  } else if (kind == "lock_loss") {
    add_loss(event);
  } else if (kind == "unseen_connections") {
    summary_.unseen.push_back(text(event, "object"));
  }
}

void EventFold::add_program(const json& event) {
  summary_.programs.push_back(text(event, "program"));
  summary_.attached = summary_.attached || flag(event, "attached");
  if (const auto locked = event.find("locked"); locked != event.end() && locked->is_array()) {
    for (const json& path : *locked) {
      if (path.is_string()) summary_.locked.push_back(path.get<std::string>());
    }
  }
  // The same process has become another program: whatever was open ended with the one before.
  const std::int64_t pid = number(event, "pid");
  open_.erase(open_.lower_bound({pid, 0}), open_.lower_bound({pid + 1, 0}));
}

void EventFold::add_open(const json& event) {
  const std::string path = text(event, "path").empty() ? kNoName : text(event, "path");
  if (number(event, "code") != 0) {
    ++summary_.connections[path].failed;
    return;
  }
  ++summary_.connections[path].opened;
  open_[{number(event, "pid"), number(event, "connection")}] = path;
}

void EventFold::add_close(const json& event) {
  if (number(event, "code") != 0) return;  // SQLITE_BUSY: it stays open
  // A connection that failed to open, or that a forked child has from its parent, is in nobody's balance.
  const auto found = open_.find({number(event, "pid"), number(event, "connection")});
  if (found == open_.end()) return;
  ConnectionCounts& counts = summary_.connections[found->second];
  ++counts.closed;
  if (flag(event, "zombie")) ++counts.zombies;
  open_.erase(found);
}

void EventFold::add_loss(const json& event) {
  std::vector<std::string> stack = places(event);
  LossSite site;
  site.path = text(event, "path");
  site.call = text(event, "call");
  site.file = text(event, "file");
  site.place = stack.empty() ? "" : stack.front();
  if (const auto frames = event.find("stack");
      frames != event.end() && frames->is_array() && !frames->empty()) {
    site.module = text(frames->front(), "module");
  }
  site.guarded = true;
  for (std::size_t i = 1; i < stack.size() && i <= kMostCallers; ++i) site.rest.push_back(stack[i]);
  const std::string key = fmt::format("{}\n{}\n{}\n{}", site.path, site.call, site.place, site.module);
  const auto [at, is_new] = sites_.emplace(key, summary_.losses.size());
  if (is_new) summary_.losses.push_back(std::move(site));
  LossSite& known = summary_.losses[at->second];
  ++known.times;
  known.guarded = known.guarded && flag(event, "guarded");
  known.threads.insert(text(event, "thread"));
}

Summary summarise(std::istream& events) {
  EventFold fold;
  for (std::string line; std::getline(events, line);) {
    if (!line.empty()) fold.add(line);
  }
  return fold.summary();
}

}  // namespace walsoak::trace
