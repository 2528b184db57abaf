#include "harness/run/board_faults.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace walsoak::run {

using observer::BoardFiles;

BoardFaults::BoardFaults(const os::RunFolder& folder, std::filesystem::path backups)
    : folder_(folder), backups_(std::move(backups)) {}

std::filesystem::path BoardFaults::backup_of(const BoardFiles& board) const {
  return backups_ / (board.name + ".db");
}

void BoardFaults::back_up(const BoardFiles& board) const {
  folder_.make_folder(backups_);
  folder_.replace_file(backup_of(board), os::read_file(board.main_path));
}

void BoardFaults::replace(const BoardFiles& board, const std::string& how, bool remove_sidecars) const {
  const std::string content = os::read_file(backup_of(board));
  if (remove_sidecars) {
    for (const char* suffix : {"-wal", "-shm"}) folder_.remove_tree(board.main_path + suffix);
  }
  if (how == "rename") {
    folder_.replace_file(board.main_path, content);
    return;
  }
  const os::Descriptor file = folder_.open_for_update(board.main_path, /*truncate=*/true);
  os::write_all(file.get(), content.data(), content.size());
}

void BoardFaults::corrupt(const BoardFiles& board, const std::string& how) const {
  constexpr off_t kPageBytes = 4096;  // SQLite's default, which the boards have
  const bool header = how == "header";
  const std::string bytes(header ? 16 : kPageBytes, '#');
  const os::Descriptor file = folder_.open_for_update(board.main_path, /*truncate=*/false);
  if (::pwrite(file.get(), bytes.data(), bytes.size(), header ? 0 : kPageBytes) < 0) {
    throw std::system_error(errno, std::generic_category(), board.main_path);
  }
}

}  // namespace walsoak::run
