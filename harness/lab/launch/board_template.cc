#include "harness/lab/launch/board_template.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "harness/base/shared/errors.h"

namespace walsoak::lab {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic("SQLite format 3\0", 16);

// The -shm is no part of it: it is an index of the -wal and is made anew. A board in journal mode delete may
// have a hot -journal.
constexpr std::array<const char*, 3> kSuffixes = {"", "-wal", "-journal"};

// Of a file that is not there all is 0.
struct FileFacts {
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t modified_ns = 0;
  bool operator==(const FileFacts&) const = default;
};
using BoardFacts = std::array<FileFacts, kSuffixes.size()>;

std::string reason(int error) {
  return std::generic_category().message(error);
}

BoardFacts look(const std::string& main) {
  BoardFacts facts;
  for (std::size_t i = 0; i < kSuffixes.size(); ++i) {
    struct stat status {};
    if (::stat((main + kSuffixes[i]).c_str(), &status) != 0) continue;
    facts[i] = {status.st_ino, status.st_size,
                std::int64_t{status.st_mtim.tv_sec} * 1000000000 + status.st_mtim.tv_nsec};
  }
  return facts;
}

// Reads by read(2), not through a mapping: a file that is cut short meanwhile must not end walsoak. False
// where the file is gone.
bool copy_file(const std::string& from, const os::RunFolder& folder, const fs::path& to) {
  const os::Descriptor in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in.valid() && errno == ENOENT) return false;
  if (!in.valid()) throw Failed(fmt::format("{}: cannot be read ({})", from, reason(errno)));
  const os::Descriptor out = folder.create_for_copy(to, in);
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const ssize_t got = ::read(in.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Failed(fmt::format("{}: cannot be read ({})", from, reason(errno)));
    if (got == 0) return true;
    try {
      os::write_all(out.get(), buffer.data(), static_cast<std::size_t>(got));
    } catch (const std::system_error& error) {
      throw Failed(fmt::format("{}: cannot be copied to {} ({})", from, to.string(), error.code().message()));
    }
  }
}

void copy_files(const std::string& from, const os::RunFolder& folder, const fs::path& to) {
  folder.make_folder(to.parent_path());
  for (const char* suffix : kSuffixes) {
    const fs::path target = to.string() + suffix;
    folder.remove_tree(target);
    copy_file(from + suffix, folder, target);
  }
}

}  // namespace

void check_board_template(const fs::path& source, const std::string& named_by) {
  const auto refuse = [&](const std::string& why) {
    throw Refused(fmt::format("{}: board_template {}: {}", named_by, source.string(), why));
  };
  struct stat status {};
  if (::stat(source.c_str(), &status) != 0) {
    refuse(errno == ENOENT ? "there is no such file; name a kanban.db"
                           : fmt::format("cannot be read ({})", reason(errno)));
  }
  if (S_ISDIR(status.st_mode)) refuse("is a folder; name the kanban.db in it");
  if (!S_ISREG(status.st_mode)) refuse("is no ordinary file; name a kanban.db");
  const os::Descriptor file(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) refuse(fmt::format("cannot be read ({})", reason(errno)));
  std::array<char, kMagic.size()> header{};
  const ssize_t got = ::read(file.get(), header.data(), header.size());
  if (got < 0) refuse(fmt::format("cannot be read ({})", reason(errno)));
  if (got == 0) refuse("is empty; name a kanban.db that holds a board");
  if (std::string_view(header.data(), static_cast<std::size_t>(got)) != kMagic) {
    refuse("is no SQLite file; name a kanban.db");
  }
}

fs::path template_snapshot(const std::string& source) {
  return fs::path("templates") / fmt::format("{:016x}", std::hash<std::string>{}(source)) / "kanban.db";
}

// File times come from the kernel's tick, 10 ms at most apart: two writes in one tick bear one time. Between
// the first look and the reading a tick goes by, so that a write with the time that was seen is read whole.
SnapshotHooks real_hooks() {
  return {[](int attempt) { std::this_thread::sleep_for(std::chrono::milliseconds(25 * attempt)); }, {}};
}

void snapshot_template(const fs::path& source, const os::RunFolder& folder, const fs::path& target,
                       const SnapshotHooks& hooks) {
  std::error_code error;
  // SQLite looks for a -wal beside the file that a link leads to.
  const fs::path resolved = fs::canonical(source, error);
  if (error) throw Failed(fmt::format("{}: cannot be read ({})", source.string(), error.message()));
  const std::string main = resolved.string();
  for (int attempt = 1; attempt <= kSnapshotAttempts; ++attempt) {
    const BoardFacts before = look(main);
    hooks.settle(attempt);
    copy_files(main, folder, folder.inside(target));
    if (hooks.after_reading) hooks.after_reading(attempt);
    if (before.front() != FileFacts{} && look(main) == before) return;
  }
  throw Failed(
      fmt::format("board_template {}: was written to during each of {} attempts to copy it; stop the writer, "
                  "or name a backup "
                  "made with: sqlite3 {} '.backup copy.db'",
                  source.string(), kSnapshotAttempts, source.string()));
}

void copy_snapshot(const os::RunFolder& folder, const fs::path& snapshot, const fs::path& target) {
  copy_files(folder.inside(snapshot).string(), folder, folder.inside(target));
}

}  // namespace walsoak::lab
