// Named causes and their signatures in the recorded series, one function each. A signature that a ledger
// would be needed for and the subject cannot give is unknown, never absent.
#pragma once

#include <string>
#include <vector>

#include "harness/verdict/facts.h"
#include "harness/verdict/words.h"

namespace walsoak::verdict {

struct Mechanism {
  std::string name;
  Presence presence = Presence::unknown;
  std::string evidence;  // the numbers, or what is missing
};

// Connections that the API has not closed pile up, and their descriptors with them.
Judgement unclosed_connection(const SampleSeries& series);
// The same as a saw-tooth: freed by a collector that runs every n ticks.
Judgement deferred_collection(const SampleSeries& series);
// The API has closed, but SQLite's VFS and the kernel still hold.
Judgement zombie_connection(const SampleSeries& series);
// SQLite keeps main descriptors back while another connection of the process has a lock; bounded, reused.
Judgement parked_descriptors(const SampleSeries& series);
// A strategy keeps a connection for each thread of a pool and each board: a step, then flat; or growth where
// threads die. Unknown where growth may as well be another's.
Judgement connection_per_thread(const CellFacts& facts);
// A -wal is held, but no lock on the main file: others may unlink it.
Judgement lock_lost(const BoardWatch& watch);
// Deleted sidecars are held beside the live main, and those inside see other rows than those outside.
Judgement split_generation(const CellFacts& facts);
// After a split, the deleted -wal was checkpointed into the live main.
Judgement stale_checkpoint(const CellFacts& facts);
// A -wal grows in both halves, to several times the size at which a checkpoint is due.
Judgement checkpoint_starvation(const CellFacts& facts);
Judgement replaced_board(const BoardWatch& watch);
// "unable to open database file" or EMFILE with 3 or fewer descriptors left.
Judgement descriptor_exhaustion(const CellFacts& facts);
// Connections are closed as they are opened, and each last close unlinks both sidecars.
Judgement sidecar_churn(const CellFacts& facts);

// All of them, in this order, with the names that scenarios expect.
std::vector<Mechanism> mechanisms_of(const CellFacts& facts);

}  // namespace walsoak::verdict
