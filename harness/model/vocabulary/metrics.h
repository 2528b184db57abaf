// Metrics: the numbers of a cell, each with its unit, its meaning, its better way and whether it is counted
// or measured. The only place that knows them: judgement/finding measures them, scenarios and comparisons ask
// for them (walsoak list metrics --json).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak {

// The better way of a metric. None: a comparison leaves it out, because its peak or growth says it already,
// or because it is an identity, a code, or the amount of work that was asked for.
enum class Direction { lower, higher, none };

// Counted: in lockstep the same number every time. Measured: a time or a size, which no two runs share.
enum class Nature { counted, measured };

struct MetricInfo {
  std::string name;
  std::string_view unit;  // "", "bytes", "us", "1/1000000 ticks"
  Direction better = Direction::none;
  Nature nature = Nature::counted;
  bool free_running = false;  // only free-running cells have it
  std::string meaning;        // a phrase without its full stop
};

// All metrics by name. Thread-safe after first use.
std::span<const MetricInfo> metrics_table();

// The row of a name, or nullptr.
const MetricInfo* find_metric(std::string_view name);

// Whether the text has the form of a metric's name: a lower-case letter, then lower-case letters, digits and
// _.
bool is_metric_name(std::string_view text);

// The names of the metrics that every cell has, or that free-running cells alone have.
std::vector<std::string> metric_names(bool free_running);

// "lower", "higher" or "none".
const char* direction_text(Direction direction);

}  // namespace walsoak
