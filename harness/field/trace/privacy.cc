#include "harness/field/trace/privacy.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>

namespace walsoak::trace {
namespace {

constexpr const char* kSidecars[] = {"-shm", "-wal"};

constexpr const char* kDeleted = " (deleted)";

// A lost lock on the wal-index is its database's, whether or not its name is gone.
std::string main_of(const std::string& path) {
  std::string name = path;
  if (name.ends_with(kDeleted)) name.erase(name.size() - std::string(kDeleted).size());
  for (const std::string sidecar : kSidecars) {
    if (name.ends_with(sidecar)) return name.substr(0, name.size() - sidecar.size());
  }
  return path;
}

class Databases {
 public:
  explicit Databases(const Summary& summary) {
    std::set<std::string> paths(summary.locked.begin(), summary.locked.end());
    for (const auto& [path, counts] : summary.connections) paths.insert(path);
    for (const LossSite& site : summary.losses) paths.insert(main_of(site.path));
    for (const FailureSite& site : summary.failures) paths.insert(site.path);
    for (const InheritedSite& site : summary.inherited) paths.insert(site.path);
    paths.erase(kNoName);
    paths.erase("");
    for (const std::string& path : paths) names_.emplace(path, fmt::format("db{}", names_.size() + 1));
  }
  std::string name_of(const std::string& path) const {
    if (const auto whole = names_.find(path); whole != names_.end()) return whole->second;
    const std::string main = main_of(path);
    const auto found = names_.find(main);
    return found == names_.end() ? path : found->second + path.substr(main.size());
  }

 private:
  std::map<std::string, std::string> names_;
};

}  // namespace

Summary without_private_names(const Summary& summary, const record::Identity& identity) {
  const Databases databases(summary);
  const auto hide = [&](std::string& text) { text = record::redact(text, identity); };
  const auto hide_place = [&](Place& place) {
    hide(place.at);
    hide(place.module);
    for (std::string& caller : place.rest) hide(caller);
  };
  Summary shown = summary;
  shown.connections.clear();
  for (const auto& [path, counts] : summary.connections) {
    ConnectionCounts& hidden = shown.connections[databases.name_of(path)] = counts;
    for (OpenSite& site : hidden.sites) hide_place(site.place);
  }
  for (std::string& path : shown.locked) path = databases.name_of(path);
  for (std::string& program : shown.programs) hide(program);
  for (std::string& object : shown.unseen) hide(object);
  for (UnseenCalls& calls : shown.unseen_calls) hide(calls.object);
  for (UnfollowedProcess& process : shown.unfollowed) {
    hide(process.program);
    hide(process.why);
  }
  for (FailureSite& site : shown.failures) {
    site.path = databases.name_of(site.path);
    hide_place(site.place);
  }
  for (InheritedSite& site : shown.inherited) {
    site.path = databases.name_of(site.path);
    hide_place(site.place);
  }
  for (LossSite& site : shown.losses) {
    site.path = databases.name_of(site.path);
    hide_place(site.place);
    std::set<std::string> threads;
    for (const std::string& thread : site.threads) threads.insert(record::redact(thread, identity));
    site.threads = std::move(threads);
  }
  return shown;
}

}  // namespace walsoak::trace
