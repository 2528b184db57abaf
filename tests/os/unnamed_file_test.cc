#include "harness/base/os/unnamed_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace walsoak::os {
namespace {

TEST(UnnamedFile, IsReadFromItsBeginningAndNotInherited) {
  const std::string content(100'000, 'x');
  const Descriptor file = unnamed_file(content);
  std::string received(content.size() + 1, ' ');
  received.resize(static_cast<std::size_t>(::read(file.get(), received.data(), received.size())));
  EXPECT_EQ(received, content);
  EXPECT_EQ(::fcntl(file.get(), F_GETFD), FD_CLOEXEC);
}

}  // namespace
}  // namespace walsoak::os
