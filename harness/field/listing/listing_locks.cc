#include "harness/field/listing/listing_locks.h"

#include <algorithm>
#include <set>

#include "harness/field/rows/line_text.h"

namespace walsoak::watch {
namespace {

constexpr std::int64_t kFirstShared = 1073741826, kLastShared = 1073742335;  // of a main file
constexpr std::int64_t kDeadman = 128;                                       // of a -shm

std::string folder_of(const Entry& entry) {
  return entry.path.substr(0, entry.path.rfind('/') + 1);
}

}  // namespace

// "1: POSIX  ADVISORY  READ 4711 fe:00:1234 128 128"; a lock that waits has "->" behind the number. Locks of
// open file descriptions name no process.
bool PastedLocks::accept_lock(std::string_view line) {
  const auto tokens = tokens_of(line);
  if (tokens.size() < 8 || !tokens[0].text.ends_with(':') || tokens[2].text != "ADVISORY") return false;
  const std::string_view file = tokens[5].text;
  const std::size_t colon = file.rfind(':');
  if (colon == file.npos || !is_number(file.substr(colon + 1))) return false;
  if (tokens[1].text != "POSIX" || !is_number(tokens[4].text) || !is_number(tokens[6].text) ||
      !is_number(tokens[7].text))
    return true;
  locks_.push_back({number_of(tokens[4].text), static_cast<ino_t>(number_of(file.substr(colon + 1))),
                    number_of(tokens[6].text), number_of(tokens[7].text)});
  return true;
}

bool PastedLocks::accept(std::string_view line) {
  constexpr std::string_view kProc = "/proc/", kInfo = "/fdinfo/";
  // "/proc/4711/fdinfo/3:ino: 12" of grep, "==> /proc/4711/fdinfo/3 <==" of tail.
  const std::size_t proc = line.find(kProc), info = line.find(kInfo);
  if (proc != line.npos && info != line.npos && proc < info) {
    const std::string_view pid = line.substr(proc + kProc.size(), info - proc - kProc.size());
    std::string_view rest = line.substr(info + kInfo.size());
    const std::string_view fd = rest.substr(0, rest.find_first_not_of("0123456789"));
    if (!is_number(pid) || !is_number(fd)) return false;
    file_ = {number_of(pid), std::string(fd)};
    rest.remove_prefix(fd.size());
    if (!rest.starts_with(':')) return true;
    line = rest.substr(1);
  }
  const auto tokens = tokens_of(line);
  if (tokens.empty()) return false;
  const std::string_view key = tokens[0].text;
  if (key == "ino:" && tokens.size() == 2 && is_number(tokens[1].text)) {
    if (file_) inodes_[*file_] = static_cast<ino_t>(number_of(tokens[1].text));
    return true;
  }
  if (key == "lock:") return tokens.size() > 1 && accept_lock(line.substr(tokens[1].at));
  return key == "pos:" || key == "flags:" || key == "mnt_id:" || accept_lock(line);
}

bool PastedLocks::holds(const Entry& entry) const {
  const bool shm = entry.path.ends_with("-shm");
  return std::any_of(locks_.begin(), locks_.end(), [&](const Lock& lock) {
    return lock.pid == entry.pid && lock.inode == entry.inode &&
           (shm ? lock.first <= kDeadman && lock.last >= kDeadman
                : lock.first <= kLastShared && lock.last >= kFirstShared);
  });
}

void PastedLocks::join(std::vector<Entry>& entries) const {
  std::set<std::pair<std::int64_t, std::string>> told;  // process and folder
  for (Entry& entry : entries) {
    if (!entry.pid || !entry.descriptor || !entry.regular) continue;
    const auto inode = inodes_.find({*entry.pid, entry.fd});
    if (!entry.inode && inode != inodes_.end()) entry.inode = inode->second;
    if (entry.inode && holds(entry)) told.insert({*entry.pid, folder_of(entry)});
  }
  for (Entry& entry : entries) {
    if (!entry.pid || !entry.descriptor || !entry.inode || !told.contains({*entry.pid, folder_of(entry)}))
      continue;
    entry.lock_column = true;
    entry.locked = holds(entry);
  }
}

}  // namespace walsoak::watch
