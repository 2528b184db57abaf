#include "harness/lab/session/board_faults.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "harness/base/os/descriptor.h"
#include "harness/base/proc/descriptor_table.h"
#include "harness/base/proc/process_list.h"

namespace walsoak::lab {

using observer::BoardFiles;

namespace {

// Bytes 16 and 17 of the header; 1 stands for 65536. Of a header that is none, SQLite's default.
std::size_t page_bytes(const std::string& path) {
  constexpr std::size_t kDefault = 4096, kLeast = 512;
  const std::string content = os::read_file(path);
  if (content.size() < 18) return kDefault;
  const auto byte = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(content[at]));
  };
  const std::size_t told = byte(16) * 256 + byte(17);
  if (told == 1) return 65536;
  return told < kLeast || (told & (told - 1)) != 0 ? kDefault : told;
}

// A copy of a board is as open to others as the board.
mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0666U : os::kOwnersFile;
}

}  // namespace

BoardFaults::BoardFaults(const os::RunFolder& folder, std::filesystem::path backups)
    : folder_(folder), backups_(std::move(backups)) {}

std::filesystem::path BoardFaults::backup_of(const BoardFiles& board) const {
  return backups_ / (board.name + ".db");
}

void BoardFaults::back_up(const BoardFiles& board) const {
  folder_.make_folder(backups_);
  folder_.replace_file(backup_of(board), os::read_file(board.main_path), mode_of(board.main_path));
}

void BoardFaults::replace(const BoardFiles& board, const std::string& how, bool remove_sidecars) const {
  const std::string content = os::read_file(backup_of(board));
  if (remove_sidecars) {
    for (const char* suffix : {"-wal", "-shm"}) folder_.remove_tree(board.main_path + suffix);
  }
  if (how == "rename") {
    folder_.replace_file(board.main_path, content, mode_of(backup_of(board)));
    return;
  }
  const os::Descriptor file = folder_.open_for_update(board.main_path, /*truncate=*/true);
  os::write_all(file.get(), content.data(), content.size());
}

std::int64_t BoardFaults::holders(const BoardFiles& board) const {
  const auto of_board = [&](const os::OpenDescriptor& open) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      if (open.target == board.main_path + suffix) return true;
    }
    return false;
  };
  std::int64_t found = 0;
  for (const os::ProcessEntry& process : os::list_processes()) {
    if (process.kernel_thread || process.ended()) continue;
    try {
      const auto table = os::read_descriptor_table(process.pid);
      if (table && std::any_of(table->begin(), table->end(), of_board)) ++found;
    } catch (const std::system_error&) {
      // Of another user: this run's boards are open to their owner alone.
    }
  }
  return found;
}

bool BoardFaults::cut_shm(const BoardFiles& board) const {
  const std::string shm = board.main_path + "-shm";
  if (!std::filesystem::exists(shm)) return false;
  folder_.open_for_update(shm, /*truncate=*/true);
  return true;
}

os::Descriptor BoardFaults::hold_flock(const BoardFiles& board) const {
  const std::string path = board.main_path + ".lock";  // as board::BoardFlock names it
  os::Descriptor file = folder_.open_for_append(path);
  while (::flock(file.get(), LOCK_EX) != 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), path);
  }
  return file;
}

void BoardFaults::corrupt(const BoardFiles& board, const std::string& how) const {
  const bool header = how == "header";
  const std::size_t page = page_bytes(board.main_path);
  const std::string bytes(header ? 16 : page, '#');
  const os::Descriptor file = folder_.open_for_update(board.main_path, /*truncate=*/false);
  if (::lseek(file.get(), header ? 0 : static_cast<off_t>(page), SEEK_SET) < 0) {
    throw std::system_error(errno, std::generic_category(), board.main_path);
  }
  os::write_all(file.get(), bytes.data(), bytes.size());
}

}  // namespace walsoak::lab
