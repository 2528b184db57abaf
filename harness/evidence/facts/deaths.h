// Deaths of a cell's processes that walsoak did not order: which process, by which signal or exit code, and
// the last line of its stderr. Folded from the events `process-died` of a stream in bounded memory.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/shared/tristate.h"

namespace walsoak::facts {

inline constexpr const char* kDeathEvent = "process-died";
// The metric that counts them. Where an expectation or a threshold names it, that alone judges them.
inline constexpr const char* kUnorderedDeaths = "unordered_deaths";

struct Death {
  std::string process;  // subject, checker, dashboard-1, outside-1, dispatcher-2, reader, w0003
  std::string role;     // subject, checker, dashboard, outside, dispatcher, reader, worker
  std::int64_t pid = 0;
  std::int64_t tick = -1;
  Count exit_code;        // unknown for one that a signal killed
  std::string signal;     // "SIGSEGV"; empty for one that exited
  std::string last_line;  // of its stderr; empty where it wrote none

  // From the event, and with the same keys again for the summary.
  static Death from_json(const nlohmann::ordered_json& event);
  nlohmann::ordered_json to_json() const;

  // "killed by SIGSEGV; last line of its stderr: "free(): invalid pointer"".
  std::string how() const;
  // "worker w0003 (pid 4711) died at tick 12: killed by SIGSEGV; ...".
  std::string text() const;
};

class Deaths {
 public:
  void accept(const nlohmann::ordered_json& event);

  std::int64_t count() const { return count_; }
  // The first in one line, and how many more there are; "" for none.
  std::string text() const;
  // The death that ended the cell: the last one of a process that is no worker. Null for none.
  const Death* fatal() const { return fatal_.process.empty() ? nullptr : &fatal_; }
  // null for none, else {"count", "text", "first": [{"process", "role", "pid", ...}]}.
  nlohmann::ordered_json to_json() const;

 private:
  std::int64_t count_ = 0;
  std::vector<Death> first_;
  Death fatal_;
};

}  // namespace walsoak::facts
