// Locks as SQLite takes them, for a process that is to be looked at.
#pragma once

#include <fcntl.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace walsoak::tests {

inline int open_file(const std::string& path, int flags = O_RDWR | O_CREAT) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  return fd;
}

// `command` is F_SETLK or F_OFD_SETLK, `type` F_RDLCK or F_WRLCK; a length of 0 reaches to the end of the
// file.
inline void lock_bytes(int fd, int command, short type, off_t first, off_t length) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = first;
  lock.l_len = length;
  if (::fcntl(fd, command, &lock) != 0) throw std::system_error(errno, std::generic_category(), "fcntl lock");
}

}  // namespace walsoak::tests
