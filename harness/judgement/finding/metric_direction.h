// Which way of a metric is the better one, and whether it is counted or measured: what a comparison needs to
// know of every name that `walsoak list metrics` prints. A metric without a direction is compared by nobody:
// a level that its peak and growth tell already, an identity, a code, the amount of work that was asked for.
#pragma once

#include <map>
#include <string>

namespace walsoak::judgement {

enum class Direction { lower, higher, none };

// Counted: in lockstep the same number every time. Measured: a time or a size, which no two runs share.
enum class Nature { counted, measured };

struct MetricKind {
  Direction direction = Direction::none;
  Nature nature = Nature::counted;
};

// All metrics, by name.
const std::map<std::string, MetricKind>& metric_kinds();

// "lower", "higher" or "none": the better way.
const char* text(Direction direction);

}  // namespace walsoak::judgement
