// The text of a file of /proc. Such a file has no size beforehand and may vanish between two reads.
#pragma once

#include <fcntl.h>

#include <optional>
#include <string>

namespace walsoak::os {

// The whole text of `path`, taken relative to the folder `folder_fd` as in openat(2). Nothing where the file,
// or the process behind it, is gone; throws std::system_error naming the path for every other reason
// (permission, EMFILE).
std::optional<std::string> read_proc_text(const std::string& path, int folder_fd = AT_FDCWD);

}  // namespace walsoak::os
