#include "harness/field/trace/program.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/process.h"

namespace walsoak::trace {
namespace {

// The program headers follow the ELF header in every program that a linker made.
constexpr std::size_t kHeadBytes = 16384;
constexpr int kMostInterpreters = 4;  // as the kernel has it (BINPRM_MAX_RECURSION)

std::string head_of(const std::string& path) {
  const os::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) throw std::system_error(errno, std::generic_category(), path);
  std::string bytes(kHeadBytes, '\0');
  const ssize_t got = ::pread(file.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

// A copy of the item at a place, or nothing where the bytes end before.
template <typename Item>
std::optional<Item> item_at(const std::string& bytes, std::size_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(Item)) return std::nullopt;
  Item item;
  std::memcpy(&item, bytes.data() + offset, sizeof item);
  return item;
}

// The machine that this program runs on, and so the preloaded library too.
unsigned own_machine() {
  static const auto header = item_at<Elf64_Ehdr>(head_of(os::own_path()), 0);
  return header ? header->e_machine : 0;
}

// The dynamic linker ignores LD_PRELOAD where a program gains rights (ld.so(8), secure-execution mode).
bool gains_rights(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return false;
  const bool user = (status.st_mode & S_ISUID) != 0 && status.st_uid != ::getuid();
  const bool group = (status.st_mode & S_ISGID) != 0 && status.st_gid != ::getgid();
  const bool capable = ::geteuid() != 0 && ::getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
  return user || group || capable;
}

}  // namespace

std::optional<Shebang> shebang_of(const std::string& bytes) {
  if (bytes.rfind("#!", 0) != 0) return std::nullopt;
  const std::string line = bytes.substr(2, bytes.find('\n') - 2);
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string::npos) return std::nullopt;
  const std::size_t end = line.find_first_of(" \t\r", first);
  Shebang shebang{line.substr(first, end - first), ""};
  const std::size_t argument = end == std::string::npos ? end : line.find_first_not_of(" \t\r", end);
  if (argument != std::string::npos) {
    shebang.argument = line.substr(argument, line.find_last_not_of(" \t\r") + 1 - argument);
  }
  return shebang;
}

std::optional<std::string> why_untraceable_elf(const std::string& bytes) {
  const auto header = item_at<Elf64_Ehdr>(bytes, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return "is no ELF program";
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != own_machine()) {
    return "is built for another machine than walsoak";
  }
  for (int i = 0; i < header->e_phnum; ++i) {
    const auto segment =
        item_at<Elf64_Phdr>(bytes, header->e_phoff + static_cast<std::size_t>(i) * header->e_phentsize);
    if (!segment) return "has its program headers in an unusual place";
    if (segment->p_type != PT_INTERP) continue;
    const std::string linker =
        bytes.substr(std::min<std::size_t>(segment->p_offset, bytes.size()), segment->p_filesz);
    if (linker.find("ld-musl") != std::string::npos) return "uses musl and not the GNU C library";
    return std::nullopt;
  }
  return "is linked statically";
}

std::optional<std::string> why_untraceable(const std::string& path, const FindOnPath& find_on_path) {
  std::string at = path;
  for (int depth = 0; depth < kMostInterpreters; ++depth) {
    const std::string bytes = head_of(at);
    const std::optional<Shebang> script = shebang_of(bytes);
    if (!script) {
      if (gains_rights(at)) return "gains rights when it starts (setuid, setgid or capabilities)";
      return why_untraceable_elf(bytes);
    }
    at = script->interpreter;
    const bool is_env = at.size() >= 4 && at.compare(at.size() - 4, 4, "/env") == 0;
    if (!is_env) continue;
    // `env -S` and assignments are left to env itself, which can be traced.
    if (const auto named = find_on_path(script->argument)) at = *named;
  }
  return "is a script of a script too many";
}

}  // namespace walsoak::trace
