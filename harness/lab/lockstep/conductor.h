// The conductor of a lockstep cell: which step comes next, drawn from the seed. Pure: the same settings and
// the same workers alive give the same steps.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/base/shared/seeded.h"
#include "harness/model/vocabulary/order.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::lab {

// One ordered step.
struct Act {
  std::string step;  // dispatch, probe, triage, notifier, slash, dashboard, outside-act, collect, visit
  std::int64_t thread = 0;          // of the subject's pool
  std::string writer = {};          // visit: the worker that makes it
  std::string op = {};              // visit: claim, heartbeat, complete
  int kill_at = 0;                  // visit: the statement before which the worker kills itself; 0 is none
  std::int64_t slot = -1;           // slash, outside-act: which one; -1 is none
  std::string process = "subject";  // who carries it out, but for a visit
};

class Conductor {
 public:
  explicit Conductor(const Settings& settings);

  // A fault: `count` more of the next visits end in a death at a seeded statement, as far as there are
  // workers alive. Returns how many.
  std::int64_t kill_next(std::int64_t count, std::int64_t alive);

  // The steps of one tick, without its sample. By the seed: triage, dispatch and probe in this order;
  // notifier polls, slash commands, one visit of each living worker and one act of each other process
  // anywhere between them. With the setting `order`: the steps it names, in its order. A collection that is
  // due ends the tick.
  std::vector<Act> tick(std::int64_t tick, const std::vector<std::string>& workers_alive);

 private:
  Act visit(const std::string& writer);
  std::vector<Act> acts_by_name(std::int64_t tick, const std::vector<std::string>& workers_alive);
  std::vector<Act> acts_by_seed(std::int64_t tick, const std::vector<std::string>& workers_alive);
  void add_others(std::int64_t tick, std::vector<Act>& others) const;

  const Settings settings_;
  Seeded order_, threads_, kills_;
  const std::vector<std::vector<OrderedAct>> ordered_;  // empty: by the seed
  std::map<std::string, std::int64_t> slots_;           // acts so far, by the name in the order
  std::map<std::string, std::int64_t> visits_;
  std::int64_t kill_next_ = 0;
};

}  // namespace walsoak::lab
