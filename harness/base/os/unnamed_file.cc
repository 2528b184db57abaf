#include "harness/base/os/unnamed_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace walsoak::os {

Descriptor unnamed_file(std::string_view content) {
  Descriptor file(::memfd_create("walsoak", MFD_CLOEXEC));
  if (!file.valid()) throw std::system_error(errno, std::generic_category(), "memfd_create");
  write_all(file.get(), content.data(), content.size());
  if (::lseek(file.get(), 0, SEEK_SET) < 0) throw std::system_error(errno, std::generic_category(), "lseek");
  return file;
}

}  // namespace walsoak::os
