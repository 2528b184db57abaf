// What a tick leaves behind in a free-running cell: one line in its stream, folded into the facts of the
// cell.
#pragma once

#include <cstdint>
#include <string>

#include "benchmarks/idle_pass.h"
#include "harness/evidence/facts/facts.h"
#include "harness/evidence/record/stream_writer.h"

namespace walsoak::benchmarks {

// Belongs to one thread.
class TickLines {
 public:
  // Begins a stream of that name in the pass's run folder. Throws.
  TickLines(const IdlePass& pass, const std::string& name);

  // A tick in which every step was well: the shape that harness/run records. Throws.
  void append();

 private:
  record::StreamWriter stream_;
  facts::CellFacts facts_;
  std::int64_t tick_ = 0;
};

}  // namespace walsoak::benchmarks
