// Whether the connections of a watched process grow, by the kernel's counts alone. Findings and the diagnosis
// ask the same functions, so that a watch never calls a leak what its diagnosis calls healthy.
#pragma once

#include "harness/base/shared/tristate.h"
#include "harness/evidence/facts/facts.h"
#include "harness/judgement/finding/count_pattern.h"

namespace walsoak::judgement {

// A connection is told by its -wal, which SQLite never parks; where there is none by its main descriptor.
struct ConnectionCourse {
  facts::Key key = facts::Key::kernel_main;
  Course course;

  bool by_wal() const { return key == facts::Key::kernel_wal; }
};
ConnectionCourse connections_of(const facts::DatabaseHistory& database);

// Connections that come and go without growth: closed by the program, or dropped and freed by a collector, as
// CPython's cyclic one. Both look the same where there are as many threads as connections. Yes: more at once
// than threads can use, so that some were left open for a while. Unknown: the program has a collector that
// may have freed them. No: they hardly vary, or nothing collects them.
Presence left_to_a_collector(const facts::CellFacts& facts, const ConnectionCourse& connections);

// Net growth: established on some database or over all of them; unknown where more samples could show it.
Judgement watched_leak(const facts::CellFacts& facts);
// Growth that is over.
Judgement watched_bounded(const facts::CellFacts& facts);
// What is seen of locks and files and may cost commits, for a process whose rows nobody looked at: never yes,
// since rows were not looked at; unknown with what was seen, or no.
Judgement watched_danger(const facts::CellFacts& facts);

}  // namespace walsoak::judgement
