// Bytes read and written, against the system calls that SQLite really makes: its own table of system calls is
// hooked.
#include <limits.h>

#include <atomic>
#include <cerrno>
#include <map>

#include "tests/sqlite/database.h"

namespace walsoak::sqlite {
namespace {

std::string g_watched;  // the database's main path
std::atomic<std::int64_t> g_read{0}, g_written{0};
std::atomic<bool> g_disk_full{false};

bool watched(int fd) {
  char target[PATH_MAX] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  if (::readlink(link.c_str(), target, sizeof target - 1) < 0) return false;
  const std::string file = target;
  return file == g_watched || file == g_watched + "-wal" || file == g_watched + "-journal";
}

ssize_t count(std::atomic<std::int64_t>& counter, int fd, ssize_t bytes) {
  if (bytes > 0 && watched(fd)) counter += bytes;
  return bytes;
}

ssize_t hooked_read(int fd, void* data, size_t size) {
  return count(g_read, fd, ::read(fd, data, size));
}
ssize_t hooked_write(int fd, const void* data, size_t size) {
  return count(g_written, fd, ::write(fd, data, size));
}
ssize_t hooked_pread(int fd, void* data, size_t size, off_t at) {
  return count(g_read, fd, ::pread(fd, data, size, at));
}
ssize_t hooked_pwrite(int fd, const void* data, size_t size, off_t at) {
  if (g_disk_full && watched(fd)) {
    errno = ENOSPC;
    return -1;
  }
  return count(g_written, fd, ::pwrite(fd, data, size, at));
}

template <typename Function>
sqlite3_syscall_ptr as_call(Function* function) {
  return reinterpret_cast<sqlite3_syscall_ptr>(function);
}

class VfsTraffic : public Database {
 protected:
  VfsTraffic() {
    g_watched = path_;
    g_read = g_written = 0;
    const std::map<const char*, sqlite3_syscall_ptr> hooks = {
        {"read", as_call(hooked_read)},     {"write", as_call(hooked_write)},
        {"pread", as_call(hooked_pread)},   {"pwrite", as_call(hooked_pwrite)},
        {"pread64", as_call(hooked_pread)}, {"pwrite64", as_call(hooked_pwrite)}};
    for (const auto& [name, hook] : hooks) {
      // A call that this build of SQLite does not use is no entry to be hooked.
      if (unix_->xGetSystemCall(unix_, name) != nullptr) unix_->xSetSystemCall(unix_, name, hook);
    }
  }
  ~VfsTraffic() override { unix_->xSetSystemCall(unix_, nullptr, nullptr); }

  void work(const char* mode) {
    {
      const Handle connection = open(Actor::dispatcher, mode);
      for (int i = 0; i < 5; ++i) insert(*connection);
      connection->execute("blob", "INSERT INTO t VALUES (randomblob(50000))");
    }
    const Handle reader = open(Actor::notifier, mode);
    reader->value("scan", "SELECT sum(length(hex(x))) FROM t");
  }

  sqlite3_vfs* const unix_ = sqlite3_vfs_find("unix");
};

TEST_F(VfsTraffic, BytesWrittenInWalModeAreThoseOfTheSystemCalls) {
  work("wal");
  EXPECT_GT(g_written, 100000);  // into the -wal, and from there into the main file
  EXPECT_EQ(vfs_.bytes_written, g_written);
}

TEST_F(VfsTraffic, BytesWrittenInDeleteModeAreThoseOfTheSystemCalls) {
  work("delete");
  EXPECT_GT(g_written, 50000);
  EXPECT_EQ(vfs_.bytes_written, g_written);
}

TEST_F(VfsTraffic, AWriteThatFailsWritesNothing) {
  const Handle connection = open();
  const std::int64_t before = vfs_.bytes_written;
  g_disk_full = true;
  EXPECT_THROW(insert(*connection), Error);
  g_disk_full = false;
  EXPECT_EQ(vfs_.bytes_written, before);
}

// The header of an empty file: a read that comes up short is an error code of the VFS and no bytes in the
// ledger.
TEST_F(VfsTraffic, AReadThatComesUpShortReadsNothing) {
  Connection connection(path_, {}, api_);
  EXPECT_EQ(connection.value("read", "SELECT count(*) FROM sqlite_master"), "0");
  EXPECT_EQ(vfs_.main.opens, 1);
  EXPECT_EQ(vfs_.bytes_read, 0);
}

TEST_F(VfsTraffic, BytesReadAreThoseOfTheWholeReads) {
  work("wal");
  const std::int64_t ledger = vfs_.bytes_read, calls = g_read;
  const Handle another = open(Actor::probe);
  EXPECT_EQ(another->value("scan", "SELECT sum(length(hex(x))) FROM t"), "100010");
  EXPECT_GE(vfs_.bytes_read - ledger, 50000);
  EXPECT_EQ(vfs_.bytes_read - ledger, g_read - calls);
}

}  // namespace
}  // namespace walsoak::sqlite
