#include "harness/base/os/folder_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <system_error>

namespace walsoak::os {
namespace {

std::optional<FolderEvent::Kind> kind_of(std::uint32_t mask) {
  if (mask & IN_CREATE) return FolderEvent::Kind::created;
  if (mask & IN_DELETE) return FolderEvent::Kind::deleted;
  if (mask & IN_MOVED_FROM) return FolderEvent::Kind::moved_from;
  if (mask & IN_MOVED_TO) return FolderEvent::Kind::moved_to;
  return std::nullopt;
}

}  // namespace

FolderWatch::FolderWatch() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!inotify_.valid()) throw std::system_error(errno, std::generic_category(), "inotify_init1");
}

int FolderWatch::add(const std::filesystem::path& folder) {
  const int id = ::inotify_add_watch(inotify_.get(), folder.c_str(),
                                     IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR);
  if (id < 0)
    throw std::system_error(errno, std::generic_category(), folder.string() + ": cannot be watched");
  return id;
}

FolderChanges FolderWatch::take() {
  FolderChanges changes;
  alignas(inotify_event) std::byte buffer[16384];
  for (;;) {
    const ssize_t got = ::read(inotify_.get(), buffer, sizeof buffer);
    if (got > 0) {
      parse_folder_events({buffer, static_cast<std::size_t>(got)}, changes);
    } else if (got == 0 || errno == EAGAIN) {
      return changes;
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "read from inotify");
    }
  }
}

void parse_folder_events(std::span<const std::byte> bytes, FolderChanges& changes) {
  while (bytes.size() >= sizeof(inotify_event)) {
    inotify_event event;
    std::memcpy(&event, bytes.data(), sizeof event);
    bytes = bytes.subspan(sizeof event);
    const char* name = reinterpret_cast<const char*>(bytes.data());
    if (event.mask & IN_Q_OVERFLOW) changes.overflowed = true;
    if (event.mask & IN_IGNORED) changes.lost.insert(event.wd);
    if (const auto kind = kind_of(event.mask)) {
      // The name is padded with zeros up to `len`.
      changes.events[event.wd].push_back({*kind, std::string(name, ::strnlen(name, event.len))});
    }
    bytes = bytes.subspan(event.len);
  }
}

}  // namespace walsoak::os
