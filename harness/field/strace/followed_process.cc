#include "harness/field/strace/followed_process.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <string_view>
#include <utility>

namespace walsoak::trace {
namespace {

constexpr ByteRange kEveryByte{0, ~std::uint64_t{0}};
constexpr int kMostListed = 64;
constexpr std::uintptr_t kUnknownOwner = 0;

bool is_wal_index(const std::string& path) {
  return path.size() > 4 && path.compare(path.size() - 4, 4, "-shm") == 0;
}

// Of SQLite, by place: a lock on a whole file is somebody else's.
bool is_sqlites(const ByteRange& range, const std::string& path) {
  return range.inside(kMainRange) || (range.inside(kWalIndexRange) && is_wal_index(path));
}

std::vector<HeldLock> listed(const LockTable& table, const FileId& file, const ByteRange& range) {
  std::array<HeldLock, kMostListed> found{};
  const int count = table.list(file, range, found.data(), kMostListed);
  return {found.begin(), found.begin() + count};
}

// The bytes of a request that counts from the beginning of the file, as all of SQLite's do.
std::optional<ByteRange> bytes_of(const std::string& request) {
  if (field_of(request, "l_whence") != "SEEK_SET") return std::nullopt;
  const std::int64_t from = std::strtoll(field_of(request, "l_start").c_str(), nullptr, 10);
  const std::int64_t length = std::strtoll(field_of(request, "l_len").c_str(), nullptr, 10);
  if (from < 0 || length < 0) return std::nullopt;
  const auto first = static_cast<std::uint64_t>(from);
  return ByteRange{first, length == 0 ? ~std::uint64_t{0} : first + static_cast<std::uint64_t>(length) - 1};
}

}  // namespace

std::set<std::string> databases_in(const std::vector<os::OpenDescriptor>& table) {
  constexpr std::string_view kWal = "-wal";
  std::set<std::string> paths;
  for (const os::OpenDescriptor& descriptor : table) {
    const std::string& path = descriptor.target;
    if (descriptor.regular && path.ends_with(kWal)) paths.insert(path.substr(0, path.size() - kWal.size()));
    const bool locked =
        std::any_of(descriptor.locks.begin(), descriptor.locks.end(), [](const os::FileLock& lock) {
          return ByteRange{lock.first, lock.last}.inside(kMainRange);
        });
    if (locked) paths.insert(path);
  }
  return paths;
}

std::optional<StraceFrame> caller_of(const SystemCall& call) {
  for (const StraceFrame& frame : call.stack) {
    const std::string name = frame.module.substr(frame.module.rfind('/') + 1);
    if (name.rfind("libc.so", 0) != 0 && name.rfind("libc-", 0) != 0 && name.rfind("libpthread", 0) != 0) {
      return frame;
    }
  }
  return std::nullopt;
}

LockTable& FollowedProcess::locks() {
  if (!locks_) locks_ = std::make_unique<LockTable>();
  return *locks_;
}

void FollowedProcess::note_descriptors(const std::vector<os::OpenDescriptor>& table) {
  open_.clear();
  for (const os::OpenDescriptor& descriptor : table) {
    if (!descriptor.regular) continue;
    open_[descriptor.fd] = {{descriptor.dev, descriptor.ino}, descriptor.target};
  }
}

void FollowedProcess::start(const std::vector<os::OpenDescriptor>& table, std::int64_t at_us) {
  judged_from_us_ = at_us;
  note_descriptors(table);
  for (const os::OpenDescriptor& descriptor : table) {
    for (const os::FileLock& lock : descriptor.locks) {
      const ByteRange range{lock.first, lock.last};
      if (lock.kind != os::FileLock::Kind::posix || !is_sqlites(range, descriptor.target)) continue;
      locks().add({{descriptor.dev, descriptor.ino},
                   range,
                   lock.mode == os::FileLock::Mode::write,
                   range.inside(kWalIndexRange),
                   descriptor.fd,
                   kUnknownOwner,
                   0,
                   0});
    }
  }
}

void FollowedProcess::become(const std::vector<os::OpenDescriptor>& table) {
  note_descriptors(table);
  locks_.reset();
}

FollowedProcess FollowedProcess::forked(Identify identify) const {
  FollowedProcess child(std::move(identify));
  child.open_ = open_;
  return child;
}

std::optional<FileId> FollowedProcess::identified(const std::string& path) const {
  if (path.empty() || path.front() != '/') return std::nullopt;
  if (const auto file = identify_(path)) return file;
  // The process has ended meanwhile, or the name is gone: then one name is one file.
  for (const auto& [fd, open] : open_) {
    if (open.path == path) return open.file;
  }
  return FileId{0, std::hash<std::string>{}(path)};
}

void FollowedProcess::note_open(const ShownDescriptor& shown, bool read_only) {
  open_.erase(shown.fd);
  if (const auto file = identified(shown.path)) open_[shown.fd] = {*file, shown.path, read_only};
}

void FollowedProcess::note_copy(const std::optional<ShownDescriptor>& from, std::int64_t to) {
  const auto file = from ? file_of(*from) : std::nullopt;
  open_.erase(static_cast<int>(to));
  if (file) open_[static_cast<int>(to)] = *file;
}

// One that came by another way than a call that is followed (a socket, say) is known by its path alone.
std::optional<FollowedProcess::OpenFile> FollowedProcess::file_of(const ShownDescriptor& shown) const {
  if (const auto known = open_.find(shown.fd); known != open_.end()) return known->second;
  if (shown.deleted) return std::nullopt;
  const auto file = identified(shown.path);
  return file ? std::optional(OpenFile{*file, shown.path}) : std::nullopt;
}

std::uintptr_t FollowedProcess::owner_of(const SystemCall& call) {
  const auto caller = caller_of(call);
  if (!caller) return kUnknownOwner;
  return owners_.emplace(caller->module, owners_.size() + 1).first->second;
}

void FollowedProcess::tell(const SystemCall& call, const OpenFile& open, int fd,
                           const std::vector<HeldLock>& candidates, std::vector<LockLoss>& losses) {
  LockLoss loss{call, open.path, fd, {}};
  for (const HeldLock& lock : candidates) {
    if (locks().take_lost(lock)) loss.locks.push_back(lock);
  }
  if (!loss.locks.empty() && call.began_us >= judged_from_us_) losses.push_back(std::move(loss));
}

void FollowedProcess::lose_by_close(const SystemCall& call, const ShownDescriptor& closed,
                                    std::vector<LockLoss>& losses) {
  const auto open = file_of(closed);
  open_.erase(closed.fd);
  if (!open || !locks_) return;
  std::vector<HeldLock> held = listed(*locks_, open->file, kEveryByte);
  if (held.empty()) return;
  const std::uintptr_t owner = owner_of(call);
  // SQLite closes the -shm with the lock on its last byte, through the descriptor that took it, and so does
  // the VFS unix-excl with a database; else it releases first. These are gone, and no connection needs them.
  const auto own = std::partition(held.begin(), held.end(), [&](const HeldLock& lock) {
    const bool same = lock.owner == owner || lock.owner == kUnknownOwner || owner == kUnknownOwner;
    // Connections of unix-excl that are closed before the last one leave their descriptors open for then.
    const bool excl = locks_->is_of_process(lock) && !open->read_only;
    return !(same && (excl || (lock.wal_index && lock.fd == closed.fd)));
  });
  for (auto lock = own; lock != held.end(); ++lock) locks_->take_lost(*lock);
  held.erase(own, held.end());
  tell(call, *open, closed.fd, held, losses);
}

void FollowedProcess::close_range(const SystemCall& call, std::vector<LockLoss>& losses) {
  if (call.arguments.size() < 3 || call.arguments[2].find("CLOSE_RANGE_CLOEXEC") != std::string::npos) return;
  const auto first = static_cast<unsigned>(std::strtoll(call.arguments[0].c_str(), nullptr, 0));
  const auto last = static_cast<unsigned>(std::strtoll(call.arguments[1].c_str(), nullptr, 0));
  std::vector<int> closed;
  for (const auto& [fd, file] : open_) {
    if (static_cast<unsigned>(fd) >= first && static_cast<unsigned>(fd) <= last) closed.push_back(fd);
  }
  for (const int fd : closed) lose_by_close(call, {fd, "", false}, losses);
}

void FollowedProcess::unlock(const SystemCall& call, const OpenFile& open, int fd, const ByteRange& range,
                             std::vector<LockLoss>& losses) {
  if (!locks_) return;
  const std::uintptr_t owner = owner_of(call);
  std::vector<HeldLock> others;
  for (const HeldLock& lock : listed(*locks_, open.file, range)) {
    if (owner != kUnknownOwner && lock.owner != kUnknownOwner && lock.owner != owner) others.push_back(lock);
  }
  for (const std::uintptr_t asked : {owner, kUnknownOwner}) {
    locks_->begin_release(open.file, range, asked);
    locks_->end_release(open.file, range, asked, true);
  }
  if (owner == kUnknownOwner) {
    // Whose they were cannot be told: whoever unlocks them is taken for their owner.
    for (const HeldLock& lock : listed(*locks_, open.file, range)) {
      locks_->begin_release(open.file, range, lock.owner);
      locks_->end_release(open.file, range, lock.owner, true);
    }
  }
  tell(call, open, fd, others, losses);
}

void FollowedProcess::control(const SystemCall& call, std::vector<LockLoss>& losses) {
  const auto fd = call.descriptor(0);
  if (!fd || call.arguments.size() < 2) return;
  const std::string& command = call.arguments[1];
  if (command.rfind("F_DUPFD", 0) == 0) return note_copy(fd, call.result);
  if ((command != "F_SETLK" && command != "F_SETLKW") || call.arguments.size() < 3) return;
  const auto range = bytes_of(call.arguments[2]);
  const auto open = file_of(*fd);
  if (!range || !open) return;
  const std::string type = field_of(call.arguments[2], "l_type");
  if (type == "F_UNLCK") return unlock(call, *open, fd->fd, *range, losses);
  if (!is_sqlites(*range, open->path)) return;
  const std::uintptr_t owner = owner_of(call);
  if (owner != kUnknownOwner) {
    locks().begin_release(open->file, *range, kUnknownOwner);
    locks().end_release(open->file, *range, kUnknownOwner, true);
  }
  locks().add({open->file, *range, type == "F_WRLCK", range->inside(kWalIndexRange), fd->fd, owner, 0, 0});
}

std::vector<LockLoss> FollowedProcess::apply(const SystemCall& call) {
  std::vector<LockLoss> losses;
  const std::string& name = call.name;
  if (name == "close") {
    // Whatever the error, the descriptor is gone (close(2)), but for a number that was none.
    const auto fd = call.descriptor(0);
    if (fd && call.result_text.find("EBADF") == std::string::npos) lose_by_close(call, *fd, losses);
    return losses;
  }
  if (call.failed()) return losses;
  if (name == "fcntl" || name == "fcntl64") {
    control(call, losses);
  } else if (name == "dup2" || name == "dup3") {
    const auto from = call.descriptor(0), to = call.descriptor(1);
    if (!from || !to || from->fd == to->fd) return losses;
    const auto copied = file_of(*from);
    lose_by_close(call, *to, losses);
    if (copied) open_[to->fd] = *copied;
  } else if (name == "close_range") {
    close_range(call, losses);
  } else if (name == "dup") {
    note_copy(call.descriptor(0), call.result);
  } else if (const auto opened = parse_descriptor(call.result_text); opened && !opened->path.empty()) {
    const bool read_only =
        std::any_of(call.arguments.begin(), call.arguments.end(),
                    [](const std::string& argument) { return argument.rfind("O_RDONLY", 0) == 0; });
    note_open(*opened, read_only);  // open, openat, openat2, creat, open_by_handle_at
  }
  return losses;
}

void FollowedProcess::put_back(const LockLoss& loss) {
  for (const HeldLock& lock : loss.locks) locks().add(lock);
}

bool FollowedProcess::holds_again(const LockLoss& loss) const {
  return locks_ && std::any_of(loss.locks.begin(), loss.locks.end(), [&](const HeldLock& lock) {
           return !listed(*locks_, lock.file, lock.range).empty();
         });
}

std::vector<std::string> FollowedProcess::locked() const {
  std::set<std::string> paths;
  if (!locks_) return {};
  for (const auto& [fd, open] : open_) {
    if (!listed(*locks_, open.file, kMainRange).empty()) paths.insert(open.path);
  }
  return {paths.begin(), paths.end()};
}

}  // namespace walsoak::trace
