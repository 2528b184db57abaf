// Named causes and their signatures in the recorded series, one function each. A signature that a ledger
// would be needed for and the subject cannot give is unknown, never absent.
#pragma once

#include <string>
#include <vector>

#include "harness/base/shared/tristate.h"
#include "harness/evidence/facts/facts.h"

namespace walsoak::judgement {

struct Mechanism {
  std::string name;
  Presence presence = Presence::unknown;
  std::string evidence;  // the numbers, or what is missing
};

// Connections that the API has not closed pile up, and their descriptors with them.
Judgement unclosed_connection(const facts::SampleSeries& series);
// The same as a saw-tooth: freed by a collector that runs every n ticks.
Judgement deferred_collection(const facts::SampleSeries& series);
// The API has closed, but SQLite's VFS and the kernel still hold.
Judgement zombie_connection(const facts::SampleSeries& series);
// SQLite keeps main descriptors back while another connection of the process has a lock; bounded, reused.
Judgement parked_descriptors(const facts::SampleSeries& series);
// A strategy keeps a connection for each thread of a pool and each board: a step, then flat; or growth where
// threads die. Unknown where growth may as well be another's.
Judgement connection_per_thread(const facts::CellFacts& facts);
// A -wal is held, but no lock on the main file: others may unlink it.
Judgement lock_lost(const facts::BoardWatch& watch);
// Deleted sidecars are held beside the live main, and those inside see other rows than those outside.
Judgement split_generation(const facts::CellFacts& facts);
// After a split, the deleted -wal was checkpointed into the live main.
Judgement stale_checkpoint(const facts::CellFacts& facts);
// A -wal grows in both halves, to several times the size at which a checkpoint is due.
Judgement checkpoint_starvation(const facts::CellFacts& facts);
Judgement replaced_board(const facts::BoardWatch& watch);
// "unable to open database file" or EMFILE with 3 or fewer descriptors left.
Judgement descriptor_exhaustion(const facts::CellFacts& facts);
// Connections are closed as they are opened, and each last close unlinks both sidecars.
Judgement sidecar_churn(const facts::CellFacts& facts);

// All of them, in this order, with the names that scenarios expect.
std::vector<Mechanism> mechanisms_of(const facts::CellFacts& facts);

}  // namespace walsoak::judgement
