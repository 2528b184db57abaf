// A shim over the default VFS that counts and passes everything through: shared memory, memory-mapped reads,
// locks and file controls included, so that SQLite behaves as it would without it.
#pragma once

#include "harness/boards/sqlite/vfs_ledger.h"

namespace walsoak::sqlite {

inline constexpr const char* kCountingVfsName = "walsoak";

// Registers the shim as the default VFS of this process and returns its ledger, which lives as long as the
// process. Call once, before the first connection: files opened earlier are not in the ledger. Throws Error.
VfsLedger& install_counting_vfs();

}  // namespace walsoak::sqlite
