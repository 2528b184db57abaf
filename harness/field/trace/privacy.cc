#include "harness/field/trace/privacy.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>

namespace walsoak::trace {
namespace {

constexpr const char* kSidecars[] = {"-shm", "-wal"};

// A lost lock on the wal-index is its database's.
std::string main_of(const std::string& path) {
  for (const std::string sidecar : kSidecars) {
    if (path.ends_with(sidecar)) return path.substr(0, path.size() - sidecar.size());
  }
  return path;
}

class Databases {
 public:
  explicit Databases(const Summary& summary) {
    std::set<std::string> paths(summary.locked.begin(), summary.locked.end());
    for (const auto& [path, counts] : summary.connections) paths.insert(path);
    for (const LossSite& site : summary.losses) paths.insert(main_of(site.path));
    paths.erase(kNoName);
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
  Summary shown = summary;
  shown.connections.clear();
  for (const auto& [path, counts] : summary.connections) shown.connections[databases.name_of(path)] = counts;
  for (std::string& path : shown.locked) path = databases.name_of(path);
  for (std::string& program : shown.programs) hide(program);
  for (std::string& object : shown.unseen) hide(object);
  for (LossSite& site : shown.losses) {
    site.path = databases.name_of(site.path);
    hide(site.place);
    hide(site.module);
    for (std::string& caller : site.rest) hide(caller);
    std::set<std::string> threads;
    for (const std::string& thread : site.threads) threads.insert(record::redact(thread, identity));
    site.threads = std::move(threads);
  }
  return shown;
}

}  // namespace walsoak::trace
