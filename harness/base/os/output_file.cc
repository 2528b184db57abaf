#include "harness/base/os/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/run_folder.h"

namespace walsoak::os {
namespace {

namespace fs = std::filesystem;

std::string head_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(4096, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  return head;
}

bool is_special(const fs::path& path) {
  return fs::exists(path) && !fs::is_regular_file(path);
}

std::runtime_error cannot(const fs::path& path, const std::string& why) {
  return std::runtime_error(path.string() + ": cannot be written (" + why + "); name another file");
}

Descriptor open_or_throw(const fs::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path.string());
  return Descriptor(fd);
}

}  // namespace

void check_output(const fs::path& path, std::string_view mark) {
  try {
    if (fs::is_directory(path)) throw cannot(path, "it is a folder");
    if (is_special(path) || !fs::exists(path)) return;
    const std::string head = head_of(path);
    if (!head.empty() && head.find(mark) == std::string::npos) {
      throw cannot(path, "it holds something else, which stays");
    }
  } catch (const std::system_error& error) {
    throw cannot(path, error.code().message());
  }
}

void claim_output(const fs::path& path, std::string_view mark) {
  check_output(path, mark);
  try {
    if (is_special(path)) return;
    fs::remove(path);
    // Only making one tells whether it can be made: by rights, a full disk, a file system that is read-only.
    open_or_throw(path, O_WRONLY | O_CREAT | O_EXCL);
    fs::remove(path);
  } catch (const std::system_error& error) {
    throw cannot(path, error.code().message());
  }
}

void write_output(const fs::path& path, std::string_view content) {
  if (is_special(path)) {
    const Descriptor file = open_or_throw(path, O_WRONLY);
    return write_all(file.get(), content.data(), content.size());
  }
  replace_whole(path, content, kSharedFile);
}

void append_output(const fs::path& path, std::string_view content) {
  const Descriptor file = open_or_throw(path, O_WRONLY | O_APPEND | O_CREAT);
  write_all(file.get(), content.data(), content.size());
}

}  // namespace walsoak::os
