// The functions that this library stands in front of, as the program would have got them without it.
#pragma once

#include <stdio.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace walsoak::trace {

struct Real {
  int (*close)(int);
  int (*close_range)(unsigned, unsigned, int);
  void (*closefrom)(int);
  int (*dup2)(int, int);
  int (*dup3)(int, int, int);
  int (*fcntl)(int, int, ...);
  int (*fcntl64)(int, int, ...);
  int (*lockf)(int, int, off_t);
  int (*lockf64)(int, int, off_t);
  int (*fclose)(FILE*);
  FILE* (*freopen)(const char*, const char*, FILE*);
  FILE* (*freopen64)(const char*, const char*, FILE*);
  long (*syscall)(long, long, long, long, long, long, long);
  void (*exit)(int);  // _exit
};

// Looked up at the first call, which may come before this library's own constructor.
const Real& real();

// dlsym() itself: this library has one of its own.
using Dlsym = void* (*)(void*, const char*) noexcept;
Dlsym real_dlsym();

// The object that an address lies in.
struct LoadedObject {
  std::uintptr_t first;  // its first address; 0: in no object
  const char* path;      // "" for the program itself
};
LoadedObject object_of(const void* address);
bool is_own(const void* address);

// The path of the running program; empty where it cannot be read.
void read_own_path(char* path, std::size_t size);

}  // namespace walsoak::trace
