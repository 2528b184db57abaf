// Whether the kernel has a POSIX lock of this process, asked without opening or closing the file itself.
#pragma once

#include <cstddef>

#include "harness/field/preload/lock_table.h"

namespace walsoak::trace {

enum class InKernel { no, yes, unknown };

// Asks through `fd`, if that is this file, by F_OFD_GETLK: a lock of the process stands in the way of one of
// an open file description. Where another process's lock is in the way first, and where `fd` is not this
// file, by /proc/thread-self/fdinfo of each descriptor of the file. unknown: none of it could be asked.
InKernel in_kernel(const HeldLock& lock, const ByteRange& range, int fd);

// Whether a lock of an open file description stands on the shared bytes of the file: what SQLite lost is then
// still kept from others. False where it cannot be told.
bool ofd_lock_on(const FileId& file);

// A descriptor of this file in a range of numbers, or -1. Looks at each open one.
int descriptor_of(const FileId& file, unsigned first, unsigned last);

// The path of a descriptor as the kernel has it; empty where it cannot be read.
void read_path(int fd, char* path, std::size_t size);

}  // namespace walsoak::trace
