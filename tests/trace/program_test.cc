#include "harness/field/trace/program.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <system_error>

#include "harness/base/os/process.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::trace {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

std::optional<std::string> nowhere(const std::string&) {
  return std::nullopt;
}

std::string own_head() {
  std::ifstream file(os::own_path(), std::ios::binary);
  std::string bytes(4096, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

TEST(Program, ThisOneIsLinkedDynamically) {
  EXPECT_EQ(why_untraceable(os::own_path(), nowhere), std::nullopt);
}

TEST(Program, WithoutAnInterpreterItIsStatic) {
  std::string bytes = own_head();
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (int i = 0; i < header.e_phnum; ++i) {
    const std::size_t at = header.e_phoff + static_cast<std::size_t>(i) * header.e_phentsize;
    Elf64_Phdr segment;
    std::memcpy(&segment, bytes.data() + at, sizeof segment);
    if (segment.p_type == PT_INTERP) segment.p_type = PT_NULL;
    std::memcpy(bytes.data() + at, &segment, sizeof segment);
  }
  EXPECT_THAT(why_untraceable_elf(bytes), Optional(HasSubstr("statically")));
}

TEST(Program, OfAnotherMachineOrCLibraryItIsSaid) {
  std::string other = own_head();
  other[EI_CLASS] = ELFCLASS32;
  EXPECT_THAT(why_untraceable_elf(other), Optional(HasSubstr("another machine")));
  std::string musl = own_head();
  const std::size_t linker = musl.find("/ld-linux");
  ASSERT_NE(linker, std::string::npos);
  musl.replace(linker, 8, "/ld-musl");
  EXPECT_THAT(why_untraceable_elf(musl), Optional(HasSubstr("musl")));
  EXPECT_THAT(why_untraceable_elf("#"), Optional(HasSubstr("no ELF")));
  EXPECT_THAT(why_untraceable_elf(own_head().substr(0, 100)), Optional(HasSubstr("unusual")));
}

TEST(Program, AScriptIsItsInterpreter) {
  const tests::TemporaryFolder folder;
  const std::string script = (folder.path() / "script").string();
  std::ofstream(script) << "#! " << os::own_path() << " -x\n";
  EXPECT_EQ(why_untraceable(script, nowhere), std::nullopt);
  std::ofstream(script) << "#!/usr/bin/env tool\n";
  std::ofstream(folder.path() / "tool") << "neither";
  const auto find = [&](const std::string& name) { return std::optional((folder.path() / name).string()); };
  EXPECT_THAT(why_untraceable(script, find), Optional(HasSubstr("no ELF")));
  std::ofstream(script) << "#!" << script << "\n";
  EXPECT_THAT(why_untraceable(script, nowhere), Optional(HasSubstr("script")));
  std::ofstream(script) << "#!/nowhere/sh\n";
  EXPECT_THROW(why_untraceable(script, nowhere), std::system_error);
}

TEST(Program, TheWordsOfAShebang) {
  EXPECT_EQ(shebang_of("#!/bin/sh\nexit")->interpreter, "/bin/sh");
  EXPECT_EQ(shebang_of("#!/bin/sh\nexit")->argument, "");
  EXPECT_EQ(shebang_of("#! /usr/bin/env  python3 \n")->argument, "python3");
  EXPECT_EQ(shebang_of("#!/bin/awk -f")->argument, "-f");
  EXPECT_FALSE(shebang_of("#!  \n"));
  EXPECT_FALSE(
      shebang_of("\x7f"
                 "ELF"));
}

}  // namespace
}  // namespace walsoak::trace
