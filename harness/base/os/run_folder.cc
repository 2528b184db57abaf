#include "harness/base/os/run_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace walsoak::os {

namespace fs = std::filesystem;

void RunFolder::require_new(const fs::path& path) {
  if (fs::exists(path) && !fs::is_directory(path)) {
    throw std::runtime_error(path.string() + ": is a file; name a new folder");
  }
  if (fs::exists(path) && !fs::is_empty(path)) {
    throw std::runtime_error(path.string() + ": exists and is not empty; name a new folder");
  }
}

RunFolder RunFolder::create(const fs::path& path, Entry entry) {
  require_new(path);
  std::error_code error;
  fs::create_directories(path, error);
  if (error == std::errc::no_space_on_device) throw std::system_error(error, path.string());
  if (error) {
    throw std::runtime_error(path.string() + ": cannot be created (" + error.message() +
                             "); name another folder");
  }
  RunFolder folder(fs::canonical(path));
  if (entry == Entry::owner && ::chmod(folder.path_.c_str(), 0700) != 0) {
    throw std::runtime_error(path.string() +
                             ": is to hold copies of a board and cannot be closed to others (" +
                             std::generic_category().message(errno) + "); name another folder");
  }
  try {
    replace_whole(folder.path_ / kRunMarker,
                  "This folder was made by walsoak and may be deleted as a whole.\n", kSharedFile);
  } catch (const std::system_error& failure) {
    if (failure.code() == std::errc::no_space_on_device) throw;
    throw std::runtime_error(path.string() + ": cannot be written to; name another folder");
  }
  return folder;
}

RunFolder RunFolder::open(const fs::path& path) {
  if (!fs::exists(path / kRunMarker)) {
    throw std::runtime_error(path.string() + ": no run of walsoak (no " + std::string(kRunMarker) +
                             " there)");
  }
  return RunFolder(fs::canonical(path));
}

RunFolder RunFolder::containing(const fs::path& inside) {
  for (fs::path at = fs::weakly_canonical(inside); at.has_relative_path(); at = at.parent_path()) {
    if (fs::exists(at / kRunMarker)) return RunFolder(at);
  }
  throw std::runtime_error(inside.string() + ": lies in no folder of walsoak's; refused");
}

fs::path RunFolder::inside(const fs::path& path) const {
  const fs::path resolved = fs::weakly_canonical(path.is_absolute() ? path : path_ / path);
  const fs::path relative = resolved.lexically_relative(path_);
  if (relative.empty() || *relative.begin() == ".." || relative == ".") {
    throw std::runtime_error(path.string() + ": lies outside the run folder " + path_.string() + "; refused");
  }
  // A link that leads nowhere yet is left unresolved, and opening it for writing would create what it names.
  for (fs::path part = resolved; part != path_; part = part.parent_path()) {
    if (fs::is_symlink(part)) {
      throw std::runtime_error(path.string() + ": " + part.string() +
                               " is a link that leads nowhere; refused");
    }
  }
  return resolved;
}

fs::path RunFolder::make_folder(const fs::path& path) const {
  fs::path target = inside(path);
  fs::create_directories(target);
  return target;
}

Descriptor RunFolder::open_for_append(const fs::path& path) const {
  const fs::path target = inside(path);
  const int fd = ::open(target.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, kOwnersFile);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), target.string());
  return Descriptor(fd);
}

Descriptor RunFolder::create_for_copy(const fs::path& path, const Descriptor& original) const {
  const fs::path target = inside(path);
  Descriptor copy(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnersFile));
  struct stat theirs {
  }, ours{};
  if (!copy.valid() || ::fstat(original.get(), &theirs) != 0 || ::fstat(copy.get(), &ours) != 0) {
    throw std::system_error(errno, std::generic_category(), target.string());
  }
  mode_t mode = kOwnersFile | (theirs.st_mode & 0666U);
  // Group rights are those of the original's group; the new file may have another.
  const bool same_group =
      ours.st_gid == theirs.st_gid || ::fchown(copy.get(), static_cast<uid_t>(-1), theirs.st_gid) == 0;
  if (!same_group) mode &= ~static_cast<mode_t>(0060);
  // Where the file system has no such modes, it stays the owner's.
  static_cast<void>(::fchmod(copy.get(), mode));
  return copy;
}

Descriptor RunFolder::open_for_update(const fs::path& path, bool truncate) const {
  const fs::path target = inside(path);
  const int fd = ::open(target.c_str(), O_WRONLY | (truncate ? O_TRUNC : 0) | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), target.string());
  return Descriptor(fd);
}

void RunFolder::remove_tree(const fs::path& path) const {
  fs::remove_all(inside(path));
}

void RunFolder::replace_file(const fs::path& path, std::string_view content, mode_t mode) const {
  replace_whole(inside(path), content, mode);
}

void replace_whole(const fs::path& target, std::string_view content, mode_t mode) {
  const fs::path temporary = target.string() + ".tmp";
  try {
    // One that an earlier call left behind would keep its mode, and a link would lead elsewhere.
    ::unlink(temporary.c_str());
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file.valid()) throw std::system_error(errno, std::generic_category(), "open");
    write_all(file.get(), content.data(), content.size());
  } catch (const std::system_error& error) {
    std::error_code ignored;  // half a file is worth nothing, and may be what fills the disk
    fs::remove(temporary, ignored);
    throw std::system_error(error.code(), target.string());
  }
  fs::rename(temporary, target);
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace walsoak::os
