// The steps of a cell, counted as they come: passes and their latencies, sidecars created and unlinked, and
// how the last passes over each board ended. A lockstep cell tells each step, a free-running one its ticks
// and what else was done between two samples.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/shared/tristate.h"
#include "harness/evidence/facts/errors.h"
#include "harness/evidence/stats/latencies.h"

namespace walsoak::facts {

// The passes over a board: `failed_in_a_row` counts back from the last one.
struct BoardPasses {
  std::int64_t passes = 0;
  std::int64_t failed = 0;
  std::int64_t failed_in_a_row = 0;

  void note(bool pass_failed);
};

struct SidecarCounts {
  Count wal_created = 0, wal_unlinked = 0, shm_created = 0, shm_unlinked = 0;
};

class StepFacts {
 public:
  // Whether every actor of the subject is in scope (setting `scope` process), or dispatch and probe alone;
  // and whether the strategy leaves its connections to the collector, whose closes are then its own.
  void set_scope(bool process, bool drops_connections) {
    scope_process_ = process;
    drops_connections_ = drops_connections;
  }

  // The boards of a free-running cell, whose lines name only those that failed: the others passed. Who
  // unlinked a sidecar is not known there.
  void set_free_running(std::vector<std::string> boards);

  // A line of type `step`.
  void accept(const nlohmann::ordered_json& line);
  // A line of type `tick`.
  void accept_tick(const nlohmann::ordered_json& line);
  // The `sidecars` and `activity` of a line of type `sample`, where it has them.
  void accept_sample(const nlohmann::ordered_json& line);

  std::int64_t steps() const { return steps_; }
  std::int64_t failed() const { return failed_; }
  std::int64_t passes() const { return passes_; }
  std::int64_t passes_failed() const { return passes_failed_; }
  // Boards that a pass left alone, as another process had their flock.
  std::int64_t passes_locked_out() const { return passes_locked_out_; }
  // The latency that `share` (0 to 1) of the passes did not exceed (see stats::Latencies). Unknown without a
  // pass.
  Count dispatch_latency_us(double share) const { return latencies_us_.at_share(share); }
  const SidecarCounts& sidecars() const { return sidecars_; }
  // -wal files unlinked so far in steps of actors in scope: what stands in for the VFS ledger where there is
  // none. Unknown in a free-running cell.
  Count wal_unlinked_in_scope() const { return wal_unlinked_in_scope_; }
  const std::map<std::string, BoardPasses>& boards() const { return boards_; }
  const ErrorTable& errors() const { return errors_; }

 private:
  bool in_scope(const std::string& actor, const std::string& step) const;
  void accept_pass(const nlohmann::ordered_json& line);
  void accept_free_pass(const nlohmann::ordered_json& step);
  void accept_sidecars(const nlohmann::ordered_json& line, bool in_scope);

  bool scope_process_ = false;
  bool drops_connections_ = false;
  std::int64_t steps_ = 0, failed_ = 0, passes_ = 0, passes_failed_ = 0;
  std::int64_t passes_locked_out_ = 0;
  stats::Latencies latencies_us_;
  std::vector<std::string> all_boards_;
  SidecarCounts sidecars_;
  Count wal_unlinked_in_scope_ = 0;
  std::map<std::string, BoardPasses> boards_;
  ErrorTable errors_;
};

}  // namespace walsoak::facts
