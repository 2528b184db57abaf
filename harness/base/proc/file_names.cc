#include "harness/base/proc/file_names.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <map>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>

#include "harness/base/os/number.h"
#include "harness/base/os/proc_text.h"
#include "harness/base/proc/foreign_files.h"

namespace walsoak::os {
namespace {

// A file with more holders than this has shown another name among them, or will hardly do so.
constexpr std::size_t kMostHolders = 64;

struct CloseLinks {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

// A folder, by identity, and the name within it.
struct Name {
  dev_t dev = 0;
  ino_t ino = 0;
  std::string base;
  bool operator==(const Name&) const = default;
};

std::optional<Name> name_of(pid_t pid, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  struct stat folder {};
  const std::string above = prefix_of(pid, path) + path.substr(0, slash + 1);
  if (::stat(above.c_str(), &folder) != 0) return std::nullopt;
  return Name{folder.st_dev, folder.st_ino, path.substr(slash + 1)};
}

std::optional<std::string> text_of(const std::string& path) {
  try {
    return read_proc_text(path);
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

// Whether a process holds the file under another name than `own`; unknown where its descriptors may not be
// read. Each path is looked at once: a pool has hundreds of descriptors on one.
std::optional<bool> holds_under_another_name(pid_t pid, const HeldFile& file, const Name& own) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  const std::unique_ptr<DIR, CloseLinks> links(::opendir(folder.c_str()));
  if (!links) return std::nullopt;
  std::map<std::string, bool> seen;
  while (const dirent* entry = ::readdir(links.get())) {
    struct stat held {};
    if (entry->d_name[0] == '.' || ::fstatat(::dirfd(links.get()), entry->d_name, &held, 0) != 0) continue;
    if (held.st_dev != file.dev || held.st_ino != file.ino) continue;
    char target[PATH_MAX];
    const ssize_t length = ::readlinkat(::dirfd(links.get()), entry->d_name, target, sizeof target);
    if (length < 0) continue;
    const std::string path(target, static_cast<std::size_t>(length));
    const auto [known, added] = seen.try_emplace(path, false);
    if (!added) continue;
    // A name that is gone, " (deleted)", leads to no sidecars that anybody else could use.
    struct stat there {};
    if (::stat((prefix_of(pid, path) + path).c_str(), &there) != 0 || there.st_ino != file.ino) continue;
    const auto name = name_of(pid, path);
    if (name && *name != own) return true;
  }
  return false;
}

// False, too, where it is not known.
bool same_mounts(pid_t a, pid_t b) {
  struct stat of_a {
  }, of_b{};
  const auto file = [](pid_t pid) { return "/proc/" + std::to_string(pid) + "/ns/mnt"; };
  return ::stat(file(a).c_str(), &of_a) == 0 && ::stat(file(b).c_str(), &of_b) == 0 &&
         of_a.st_ino == of_b.st_ino;
}

// mountinfo writes a blank as "\040", and other separators in the same way.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool octal = text[i] == '\\' && i + 3 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '3';
    if (octal) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

std::vector<pid_t> lock_holders(std::string_view locks, ino_t ino) {
  std::vector<pid_t> holders;
  std::istringstream lines{std::string(locks)};
  for (std::string line; std::getline(lines, line);) {
    // "3: POSIX  ADVISORY  READ 4711 fe:00:131076 1073741826 1073742335"; a waiting one has "->" after its
    // number.
    std::istringstream words(line);
    std::string number, kind, advice, mode, owner, file;
    if (!(words >> number >> kind) || kind == "->") continue;
    if (!(words >> advice >> mode >> owner >> file)) continue;
    const auto pid = number_of<pid_t>(owner);
    const auto inode = number_of<std::uint64_t>(file.substr(file.rfind(':') + 1));
    if (!pid || *pid <= 0 || inode != ino) continue;
    if (std::find(holders.begin(), holders.end(), *pid) == holders.end()) holders.push_back(*pid);
  }
  return holders;
}

std::vector<FileMount> parse_partial_mounts(std::string_view mountinfo) {
  std::vector<FileMount> mounts;
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string id, parent, device, root, point;
    if (!(words >> id >> parent >> device >> root >> point) || root == "/") continue;
    const std::size_t colon = device.find(':');
    if (colon == std::string::npos) continue;
    const auto major = number_of<unsigned>(device.substr(0, colon));
    const auto minor = number_of<unsigned>(device.substr(colon + 1));
    if (!major || !minor) continue;
    mounts.push_back({unescaped(root), unescaped(point), makedev(*major, *minor)});
  }
  return mounts;
}

FileNames::FileNames(pid_t pid) : pid_(pid), locks_(text_of("/proc/locks")) {
  if (const auto mountinfo = text_of("/proc/" + std::to_string(pid) + "/mountinfo"))
    mounts_ = parse_partial_mounts(*mountinfo);
}

std::optional<int> FileNames::holders_under_another(const HeldFile& file) const {
  const auto own = name_of(pid_, file.path);
  if (!own) return std::nullopt;
  std::vector<pid_t> holders = locks_ ? lock_holders(*locks_, file.ino) : std::vector<pid_t>{};
  if (std::find(holders.begin(), holders.end(), pid_) == holders.end()) holders.push_back(pid_);
  bool unknown = !locks_ || holders.size() > kMostHolders;
  if (holders.size() > kMostHolders) holders.resize(kMostHolders);
  // A file with one link, mounted nowhere by itself, has another name in another mount namespace alone: the
  // descriptors of thousands of connections are not looked through for it.
  const bool several = file.links > 1 || mounts(file).value_or(1) > 0;
  int others = 0;
  for (const pid_t holder : holders) {
    if (!several && (holder == pid_ || same_mounts(pid_, holder))) continue;
    const auto other = holds_under_another_name(holder, file, *own);
    unknown = unknown || !other;
    others += other.value_or(false);
  }
  return others == 0 && unknown ? std::nullopt : std::optional(others);
}

std::optional<int> FileNames::mounts(const HeldFile& file) const {
  if (!mounts_) return std::nullopt;
  int found = 0;
  for (const FileMount& mount : *mounts_) {
    // A mount on another device may be a network one whose server is away: it is not looked at.
    if (mount.point != file.path && mount.dev != file.dev) continue;
    struct stat there {};
    const std::string path = "/proc/" + std::to_string(pid_) + "/root" + mount.point;
    if (::stat(path.c_str(), &there) == 0 && there.st_dev == file.dev && there.st_ino == file.ino) ++found;
  }
  return found;
}

}  // namespace walsoak::os
