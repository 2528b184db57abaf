#include "harness/base/proc/descriptor_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/number.h"
#include "harness/base/os/proc_text.h"
#include "harness/base/proc/foreign_files.h"
#include "harness/base/proc/process_status.h"

namespace walsoak::os {
namespace {

constexpr std::string_view kDeletedSuffix = " (deleted)";
// How often a descriptor that changes hands while it is read is read again.
constexpr int kAttempts = 3;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

std::string_view next_field(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::string_view field = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(field.size());
  return field;
}

// "1: POSIX  ADVISORY  READ 4711 fe:00:131076 1073741826 1073742335"
std::optional<FileLock> parse_lock(std::string_view line) {
  next_field(line);  // its number
  const std::string_view kind = next_field(line);
  next_field(line);  // ADVISORY
  const std::string_view mode = next_field(line);
  next_field(line);  // the owner: -1 for open file descriptions, 0 from another pid namespace
  next_field(line);  // device and inode, which differ from stat's on some file systems
  const auto first = number_of<std::uint64_t>(next_field(line));
  const std::string_view end = next_field(line);
  const auto last = end == "EOF" ? std::optional(FileLock::kToEnd) : number_of<std::uint64_t>(end);

  FileLock lock{};
  if (kind == "POSIX") {
    lock.kind = FileLock::Kind::posix;
  } else if (kind == "OFDLCK") {
    lock.kind = FileLock::Kind::ofd;
  } else if (kind == "FLOCK") {
    lock.kind = FileLock::Kind::flock;
  } else {
    return std::nullopt;
  }
  if (!first || !last || (mode != "READ" && mode != "WRITE")) return std::nullopt;
  lock.mode = mode == "READ" ? FileLock::Mode::read : FileLock::Mode::write;
  lock.first = *first;
  lock.last = *last;
  return lock;
}

[[noreturn]] void refuse(int error, const std::string& folder) {
  throw std::system_error(error, std::generic_category(),
                          folder + ": cannot be read (be the user of that process, or root)");
}

// Nothing where the descriptor is closed by now. Throws where its target is kept from us: of a process of the
// same user that has capabilities which we lack the folder can be listed, and no link in it read.
std::optional<std::string> read_link(int folder, const char* name) {
  char buffer[PATH_MAX];
  const ssize_t length = ::readlinkat(folder, name, buffer, sizeof buffer);
  if (length < 0) {
    if (errno == EACCES || errno == EPERM) refuse(errno, "its descriptors");
    return std::nullopt;
  }
  return std::string(buffer, static_cast<std::size_t>(length));
}

bool is_same_file(const std::string& path, const struct stat& file) {
  struct stat named {};
  return ::lstat(path.c_str(), &named) == 0 && named.st_dev == file.st_dev && named.st_ino == file.st_ino;
}

// The kernel's suffix, or a file that is really named so: then that path leads to the very same file, from
// here, from the process's root `root` or from that of its mount namespace, as a process below a root of its
// own is shown.
bool says_deleted(const std::string& target, const struct stat& file, const std::string& root) {
  return target.ends_with(kDeletedSuffix) && !is_same_file(target, file) &&
         !is_same_file(root + target, file) && !is_same_file(namespace_root(root) + target, file);
}

// Nothing where the descriptor is closed by now. Unknown, and not refused, where fdinfo is kept from us while
// the links are not.
bool read_locks(const char* name, int infos, OpenDescriptor& descriptor) {
  if (infos < 0) {
    descriptor.locks_known = false;
    return true;
  }
  try {
    const auto info = read_proc_text(name, infos);
    if (info) {
      descriptor.locks = parse_locks(*info);
      descriptor.read_only = is_read_only(*info);
    }
    return info.has_value();
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::permission_denied && error.code() != std::errc::operation_not_permitted)
      throw;
    descriptor.locks_known = false;
    return true;
  }
}

// Nothing where the descriptor is closed by now, or stands for another file at every look.
std::optional<OpenDescriptor> read_descriptor(const char* name, int links, int infos,
                                              const std::string& root) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::optional<std::string> target = read_link(links, name);
    struct stat file {};
    if (!target || ::fstatat(links, name, &file, 0) != 0) return std::nullopt;
    OpenDescriptor result{std::atoi(name), {}, false, file.st_dev, file.st_ino, {}};
    result.regular = S_ISREG(file.st_mode);
    result.links = file.st_nlink;
    if (result.regular && !read_locks(name, infos, result)) return std::nullopt;
    // A number that was closed and given to another file in between would mix two files into one.
    if (read_link(links, name) != target) continue;
    result.deleted = says_deleted(*target, file, root);
    if (result.deleted) target->resize(target->size() - kDeletedSuffix.size());
    result.target = std::move(*target);
    return result;
  }
  return std::nullopt;
}

bool has_ended(pid_t pid) {
  const auto status = read_process_status(pid);
  return !status || status->ended();
}

}  // namespace

bool is_read_only(std::string_view fdinfo) {
  constexpr std::string_view kLabel = "flags:";
  const std::size_t at = fdinfo.find(kLabel);
  if (at == std::string_view::npos) return false;
  std::string_view line = fdinfo.substr(at + kLabel.size());
  // Octal, with O_ACCMODE in the last two bits.
  const std::string_view flags = next_field(line);
  const std::string_view digits = flags.substr(0, flags.find_first_not_of("01234567"));
  return !digits.empty() && (digits.back() - '0') % 4 == O_RDONLY;
}

std::vector<FileLock> parse_locks(std::string_view fdinfo) {
  constexpr std::string_view kLabel = "lock:";
  std::vector<FileLock> locks;
  while (!fdinfo.empty()) {
    const std::string_view line = fdinfo.substr(0, fdinfo.find('\n'));
    fdinfo.remove_prefix(std::min(line.size() + 1, fdinfo.size()));
    if (!line.starts_with(kLabel)) continue;
    if (const auto lock = parse_lock(line.substr(kLabel.size()))) locks.push_back(*lock);
  }
  return locks;
}

std::optional<std::vector<OpenDescriptor>> read_descriptor_table(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const std::unique_ptr<DIR, CloseFolder> links(::opendir((folder + "/fd").c_str()));
  const int error = errno;
  const Descriptor infos(::open((folder + "/fdinfo").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!links) {
    // A zombie's folders belong to root: to its own user it is refused, not empty.
    if (has_ended(pid)) return std::nullopt;
    refuse(error, folder + "/fd");
  }
  std::vector<OpenDescriptor> table;
  bool vanished = false;
  while (const dirent* entry = ::readdir(links.get())) {
    if (entry->d_name[0] == '.') continue;
    if (auto descriptor =
            read_descriptor(entry->d_name, ::dirfd(links.get()), infos.get(), folder + "/root")) {
      table.push_back(std::move(*descriptor));
    } else {
      vanished = true;
    }
  }
  // An ending process lets go of its memory before its descriptors: this cannot miss an end in mid-table.
  if ((vanished || table.empty()) && has_ended(pid)) return std::nullopt;
  return table;
}

}  // namespace walsoak::os
