// What of a program cannot be seen, said once for each object: a run with such objects never reads "none".
#pragma once

#include <elf.h>

#include <cstddef>
#include <cstdint>

namespace walsoak::trace {

// An event `unseen_calls`: calls of an object that do not come through this library. `why` is a literal.
void note_unseen(const char* object, const char* why);

// Says so of an object whose own runtime makes system calls without the C library (Go). `headers` are its
// program headers, `base` what is added to their addresses.
void note_runtime(std::uintptr_t base, const Elf64_Phdr* headers, int count, const char* object);

// Says so of objects in other namespaces (dlmopen(3)), each of which has a C library of its own.
void note_other_namespaces();

}  // namespace walsoak::trace
