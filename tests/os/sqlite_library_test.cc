#include "harness/base/proc/sqlite_library.h"

#include <elf.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/run_folder.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::os {
namespace {

TEST(LoadedSqlite, IsTheLibraryThatAProcessHasMapped) {
  if (WALSOAK_SQLITE_BUILT_IN) GTEST_SKIP() << "no library is mapped";
  EXPECT_STRNE(sqlite3_libversion(), nullptr);  // so that the linker keeps the library
  const auto found = loaded_sqlite(::getpid());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found.front().file, testing::StartsWith("libsqlite3.so"));
  EXPECT_EQ(found.front().version, sqlite3_libversion());
}

// A file that declares as many symbol tables as it can, each as large as may be read: only the first is.
TEST(LoadedSqlite, ReadsAHostileFileOnceAndFindsNothing) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "hostile.so";
  constexpr std::size_t kSections = 65534;
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_shoff = sizeof header;
  header.e_shnum = kSections;
  Elf64_Shdr section{};
  section.sh_type = SHT_DYNSYM;
  section.sh_size = 24U << 20U;
  section.sh_link = 1;
  const std::vector<Elf64_Shdr> sections(kSections, section);
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_TRUE(file.valid());
  write_all(file.get(), reinterpret_cast<const char*>(&header), sizeof header);
  write_all(file.get(), reinterpret_cast<const char*>(sections.data()), kSections * sizeof section);
  ASSERT_EQ(::ftruncate(file.get(), 64 << 20), 0);
  void* const mapped = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file.get(), 0);
  if (mapped == MAP_FAILED) GTEST_SKIP() << "no code may be mapped from there";
  for (const LoadedSqlite& library : loaded_sqlite(::getpid())) EXPECT_NE(library.file, "hostile.so");
  ::munmap(mapped, 4096);
}

TEST(LoadedSqlite, IsNothingWhereThereIsNoProcess) {
  EXPECT_TRUE(loaded_sqlite(1 << 22).empty());  // above the largest pid that Linux gives
}

}  // namespace
}  // namespace walsoak::os
