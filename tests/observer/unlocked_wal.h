// A held -wal without a lock on the main file, as the kernel ledger counts it.
#pragma once

#include <gtest/gtest.h>

#include "harness/evidence/observer/kernel_ledger.h"

namespace walsoak::observer {

inline testing::AssertionResult holds_wal_without_lock(const DescriptorCounts& counts) {
  const int locks = counts.lock_main_posix + counts.lock_main_ofd;
  if (counts.locks_known && counts.wal > 0 && locks == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << counts.wal << " -wal, " << locks << " locks"
                                     << (counts.locks_known ? "" : ", locks unknown");
}

}  // namespace walsoak::observer
