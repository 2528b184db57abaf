// The jobs of free-running cells beside the dispatcher's tick: the names in samples (`activity`) and, with _
// for
// -, in metrics. The only place that lists them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace walsoak {

struct JobInfo {
  std::string_view name, meaning;  // the meaning in the plural
  bool own_process;                // not the subject's: workers, and the processes besides the gateway
};

inline constexpr JobInfo kJobs[] = {
    {"notifier", "notifier polls", false},
    {"slash", "slash commands", false},
    {"visit", "worker visits", true},
    {"dashboard", "dashboard polls", true},
    {"dispatcher-2", "passes of the second dispatcher", true},
    {"outside", "acts of outside writers", true},
};

// Nullptr for another name.
constexpr const JobInfo* find_job(std::string_view name) {
  for (const JobInfo& job : kJobs) {
    if (job.name == name) return &job;
  }
  return nullptr;
}

// The beginning of the job's metrics: dispatcher_2 of dispatcher-2.
inline std::string metric_prefix_of(std::string_view job) {
  std::string prefix(job);
  std::replace(prefix.begin(), prefix.end(), '-', '_');
  return prefix;
}

}  // namespace walsoak
