// Lines that a terminal's width cut off at the end: "/home/u/kanban.db-w".
#pragma once

#include <span>

#include "harness/field/rows/entry.h"

namespace walsoak::watch {

// Completes names of one listing whose end is missing where only one end fits, and marks what cannot be told:
// a line of the same width that ends in a whole name. Whether lines were cut off.
bool restore_cut_names(std::span<Entry> entries);

}  // namespace walsoak::watch
