// Whether a file that a process holds is held, or can be reached, under more than one name: by hard links and
// by mounts of the single file. Told from /proc and stat; no file is opened.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak::os {

struct HeldFile {
  dev_t dev = 0;
  ino_t ino = 0;
  std::string path;         // as the kernel shows it for a descriptor of the process
  std::uint64_t links = 1;  // names, as stat counts them
};

// The processes that /proc/locks names for an inode number, each once.
std::vector<pid_t> lock_holders(std::string_view locks, ino_t ino);

struct FileMount {
  std::string root, point;  // root: within its file system; point: where it is mounted
  dev_t dev = 0;
};

// The mounts in the text of /proc/<pid>/mountinfo (proc_pid_mountinfo(5)), without those of a file system's
// whole tree.
std::vector<FileMount> parse_partial_mounts(std::string_view mountinfo);

// Names of files of one process at one moment: /proc/locks and the process's mounts are read once.
class FileNames {
 public:
  explicit FileNames(pid_t pid);

  // How many mounts of the process show the file itself, not a folder above it: a single file that is mounted
  // has another name where it comes from. Unknown where its mounts may not be read.
  std::optional<int> mounts(const HeldFile& file) const;

  // How many processes, this one included, hold the file under a name other than `file.path`. A name is a
  // folder and what stands in it: two mounts of one folder give a file one name. Looked at are the processes
  // with a lock on it
  // (/proc/locks), and this one. Unknown where /proc/locks or the descriptors of such a process may not be
  // read and no other name was seen.
  std::optional<int> holders_under_another(const HeldFile& file) const;

 private:
  pid_t pid_;
  std::optional<std::string> locks_;
  std::optional<std::vector<FileMount>> mounts_;
};

}  // namespace walsoak::os
