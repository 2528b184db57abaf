// Approved texts: what a test makes is held against a file of tests/fixtures. After a change that is meant,
// WALSOAK_APPROVE=1 writes the files anew, and their difference is what there is to review.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "harness/base/os/run_folder.h"

namespace walsoak::tests {

inline void expect_approved(const std::string& content, const std::filesystem::path& file) {
  if (const char* approve = std::getenv("WALSOAK_APPROVE"); approve != nullptr && *approve != '\0') {
    std::ofstream(file, std::ios::binary) << content;
  }
  EXPECT_EQ(content, os::read_file(file)) << "run with WALSOAK_APPROVE=1 if this change is meant";
}

}  // namespace walsoak::tests
