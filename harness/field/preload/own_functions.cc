#include "harness/field/preload/own_functions.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/field/preload/real.h"

namespace walsoak::trace {
namespace {

struct Pair {
  const char* name;
  void* own;
  void* real;
};

template <typename Own, typename Function>
Pair pair(const char* name, Own own, Function function) {
  return {name, reinterpret_cast<void*>(own), reinterpret_cast<void*>(function)};
}

// Own addresses: the library is linked with -Bsymbolic-functions.
Pair found(const char* name) {
  const Real& are = real();
  const Pair pairs[] = {pair("close", &::close, are.close),
                        pair("close_range", &::close_range, are.close_range),
                        pair("closefrom", &::closefrom, are.closefrom),
                        pair("dup2", &::dup2, are.dup2),
                        pair("dup3", &::dup3, are.dup3),
                        pair("fcntl", static_cast<int (*)(int, int, ...)>(&::fcntl), are.fcntl),
                        pair("fcntl64", static_cast<int (*)(int, int, ...)>(&::fcntl64), are.fcntl64),
                        pair("lockf", &::lockf, are.lockf),
                        pair("lockf64", &::lockf64, are.lockf64),
                        pair("fclose", &::fclose, are.fclose),
                        pair("freopen", &::freopen, are.freopen),
                        pair("freopen64", &::freopen64, are.freopen64),
                        pair("syscall", &::syscall, are.syscall),
                        pair("_exit", &::_exit, are.exit),
                        pair("dlsym", &::dlsym, real_dlsym())};
  for (const Pair& known : pairs) {
    if (strcmp(known.name, name) == 0) return known;
  }
  return {};
}

bool may_be(const char* name) {
  return strchr("_cdfls", name[0]) != nullptr;
}

}  // namespace

void* own_function(const char* name) {
  return may_be(name) ? found(name).own : nullptr;
}

void* real_function(const char* name) {
  return may_be(name) ? found(name).real : nullptr;
}

}  // namespace walsoak::trace
