#include "harness/base/proc/program_kind.h"

#include <sys/stat.h>

#include <optional>
#include <string>
#include <system_error>

#include "harness/base/os/proc_text.h"

namespace walsoak::os {
namespace {

bool of_another_namespace(pid_t pid) {
  struct stat theirs {
  }, ours{};
  const std::string folder = "/proc/" + std::to_string(pid) + "/ns/mnt";
  return ::stat(folder.c_str(), &theirs) == 0 && ::stat("/proc/self/ns/mnt", &ours) == 0 &&
         (theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino);
}

// The dynamic linker of the GNU C library stays mapped in whatever it has started.
bool maps_gnu_linker(pid_t pid) {
  std::optional<std::string> maps;
  try {
    maps = read_proc_text("/proc/" + std::to_string(pid) + "/maps");
  } catch (const std::system_error&) {
    return true;  // not to be read: nothing is known
  }
  if (!maps || maps->empty()) return true;
  return maps->find("/ld-linux") != std::string::npos || maps->find("/ld-2.") != std::string::npos ||
         maps->find("/ld64.so") != std::string::npos || maps->find("/ld.so") != std::string::npos;
}

}  // namespace

ProgramKind program_kind(pid_t pid) {
  return {maps_gnu_linker(pid), of_another_namespace(pid)};
}

}  // namespace walsoak::os
