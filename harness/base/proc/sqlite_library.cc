#include "harness/base/proc/sqlite_library.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/proc_text.h"
#include "harness/base/proc/foreign_files.h"

namespace walsoak::os {
namespace {

constexpr std::string_view kSymbol = "sqlite3_version";
// Limits on the bytes of tables read from one file and from all files of a process. The largest known tables
// have a few MB; a hostile file can declare any size.
constexpr std::uint64_t kMostOfAFile = 64U << 20U, kMostOfAProcess = 512U << 20U;
constexpr std::size_t kLongestVersion = 16;

// Reads symbols of a 64-bit little-endian ELF file. Sizes and offsets in the file are not trusted.
class ElfFile {
 public:
  // Reads `most` bytes of tables at most.
  ElfFile(int fd, std::uint64_t most) : fd_(fd), left_(most) {}

  // The text at an exported symbol of that name.
  std::optional<std::string> text_at(std::string_view symbol) {
    Elf64_Ehdr header{};
    if (!read(&header, sizeof header, 0) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
      return std::nullopt;
    }
    const auto sections =
        table<Elf64_Shdr>(header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr));
    // A file has one table of exported symbols at most.
    const auto symbols = std::find_if(sections.begin(), sections.end(), [](const Elf64_Shdr& section) {
      return section.sh_type == SHT_DYNSYM;
    });
    if (symbols == sections.end() || symbols->sh_link >= sections.size()) return std::nullopt;
    const Elf64_Shdr& strings = sections[symbols->sh_link];
    const auto names = table<char>(strings.sh_offset, strings.sh_size);
    for (const Elf64_Sym& entry : table<Elf64_Sym>(symbols->sh_offset, symbols->sh_size)) {
      if (entry.st_shndx != SHN_UNDEF && is_named(names, entry.st_name, symbol))
        return text(header, entry.st_value);
    }
    return std::nullopt;
  }

  std::uint64_t left() const { return left_; }

 private:
  bool read(void* into, std::size_t size, std::uint64_t at) const {
    return ::pread(fd_, into, size, static_cast<off_t>(at)) == static_cast<ssize_t>(size);
  }

  template <typename Entry>
  std::vector<Entry> table(std::uint64_t at, std::uint64_t bytes) {
    if (bytes > left_) return {};
    left_ -= bytes;
    std::vector<Entry> entries(bytes / sizeof(Entry));
    if (!read(entries.data(), entries.size() * sizeof(Entry), at)) return {};
    return entries;
  }

  static bool is_named(const std::vector<char>& names, std::uint64_t at, std::string_view wanted) {
    return at < names.size() && names.size() - at > wanted.size() &&
           std::memcmp(names.data() + at, wanted.data(), wanted.size()) == 0 &&
           names[at + wanted.size()] == 0;
  }

  std::optional<std::string> text(const Elf64_Ehdr& header, std::uint64_t address) {
    for (const Elf64_Phdr& segment :
         table<Elf64_Phdr>(header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr))) {
      if (segment.p_type != PT_LOAD || address < segment.p_vaddr ||
          address - segment.p_vaddr >= segment.p_filesz) {
        continue;
      }
      char found[kLongestVersion] = {};
      if (!read(found, sizeof found, segment.p_offset + (address - segment.p_vaddr))) return std::nullopt;
      return std::string(found, ::strnlen(found, sizeof found));
    }
    return std::nullopt;
  }

  int fd_;
  std::uint64_t left_;  // bytes of tables that may be read yet
};

struct Mapping {
  std::string range, device, path;
  ino_t inode = 0;
};

// "7f0c-7f0d r-xp 00001000 fe:01 1234   /usr/lib/x.so"; proc_pid_maps(5).
std::optional<Mapping> code_of(const std::string& line) {
  std::istringstream words(line);
  std::string permissions, offset, inode;
  Mapping mapping;
  if (!(words >> mapping.range >> permissions >> offset >> mapping.device >> inode)) return std::nullopt;
  std::getline(words >> std::ws, mapping.path);
  if (permissions.find('x') == std::string::npos || !mapping.path.starts_with('/')) return std::nullopt;
  std::from_chars(inode.data(), inode.data() + inode.size(), mapping.inode);
  return mapping;
}

// Opens the mapping through map_files (needs CAP_SYS_ADMIN), else the path in the process's mount namespace,
// if the inode is still the same.
Descriptor open_mapped(pid_t pid, const Mapping& mapping) {
  constexpr int kFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const std::string mapped = "/proc/" + std::to_string(pid) + "/map_files/" + mapping.range;
  for (const std::string& path : {mapped, prefix_of(pid, mapping.path) + mapping.path}) {
    Descriptor file(::open(path.c_str(), kFlags));
    struct stat status {};
    if (file.valid() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_ino == mapping.inode) {
      return file;
    }
  }
  return {};
}

bool is_version(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos &&
         std::count(text.begin(), text.end(), '.') >= 2;
}

}  // namespace

std::vector<LoadedSqlite> loaded_sqlite(pid_t pid) {
  std::optional<std::string> maps;
  try {
    maps = read_proc_text("/proc/" + std::to_string(pid) + "/maps");
  } catch (const std::system_error&) {
    return {};  // no permission to read its maps; its descriptors may be readable
  }
  if (!maps) return {};
  std::vector<LoadedSqlite> found;
  std::set<std::pair<std::string, ino_t>> seen;  // device and inode
  std::uint64_t left = kMostOfAProcess;
  std::istringstream lines(*maps);
  for (std::string line; std::getline(lines, line);) {
    const auto mapping = code_of(line);
    if (!mapping || !seen.insert({mapping->device, mapping->inode}).second) continue;
    const Descriptor file = open_mapped(pid, *mapping);
    if (!file.valid()) continue;
    const std::uint64_t most = std::min(left, kMostOfAFile);
    ElfFile elf(file.get(), most);
    const auto version = elf.text_at(kSymbol);
    left -= most - elf.left();
    if (!version || !is_version(*version)) continue;
    std::string name = mapping->path.substr(mapping->path.rfind('/') + 1);
    found.push_back({name.substr(0, name.find(" (deleted)")), *version});
  }
  return found;
}

}  // namespace walsoak::os
