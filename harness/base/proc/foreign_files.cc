#include "harness/base/proc/foreign_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "harness/base/os/descriptor.h"

namespace walsoak::os {
namespace {

bool is_there(const std::string& path) {
  struct stat file {};
  return ::stat(path.c_str(), &file) == 0;
}

bool same_mount_namespace(const std::string& process) {
  struct stat theirs {
  }, ours{};
  return ::stat((process + "/ns/mnt").c_str(), &theirs) == 0 && ::stat("/proc/self/ns/mnt", &ours) == 0 &&
         theirs.st_ino == ours.st_ino;
}

}  // namespace

std::string namespace_root(const std::string& root) {
  // ".." leads beyond a root that is not ours (path_resolution(7)), and from the topmost one to itself.
  constexpr int kDeepest = 128;
  std::string path = root;
  for (int i = 0; i < kDeepest; ++i) path += "/..";
  return path;
}

std::string prefix_of(pid_t pid, const std::string& path) {
  const std::string process = "/proc/" + std::to_string(pid);
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  const std::string root = process + "/root";
  if (is_there(root + folder)) return root;
  if (same_mount_namespace(process)) return is_there(folder) ? std::string{} : root;
  const std::string top = namespace_root(root);
  return is_there(top + folder) ? top : root;
}

std::string first_bytes(pid_t pid, int fd, std::size_t most) {
  const std::string path = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd);
  // A pipe that has taken the number meanwhile must not hold us up.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.valid()) return {};
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  std::string bytes(most, '\0');
  const ssize_t got = ::pread(file.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
  return bytes;
}

}  // namespace walsoak::os
