// run.json and summary.json: versioned, replaced as a whole, checked when read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "harness/evidence/record/run_files.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::record {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

class RunFilesTest : public ::testing::Test {
 protected:
  tests::TemporaryFolder temporary_;
  const fs::path path_ = temporary_.path() / "run";
};

TEST_F(RunFilesTest, TheVersionComesFirst) {
  const os::RunFolder folder = os::RunFolder::create(path_);
  write_summary(folder, {{"run", "r"}});
  EXPECT_EQ(os::read_file(path_ / "summary.json"), "{\n \"schema_version\": 1,\n \"run\": \"r\"\n}\n");
  EXPECT_EQ(read_summary(path_)["run"], "r");
}

TEST_F(RunFilesTest, WritingAgainReplacesAndLeavesNothingBeside) {
  const os::RunFolder folder = os::RunFolder::create(path_);
  write_run(folder, {{"state", "running"}});
  write_run(folder, {{"state", "done"}});
  EXPECT_EQ(read_run(path_)["state"], "done");
  EXPECT_FALSE(fs::exists(path_ / "run.json.tmp"));
}

TEST_F(RunFilesTest, AnotherVersionIsRefused) {
  const os::RunFolder folder = os::RunFolder::create(path_);
  folder.replace_file("summary.json", R"({"schema_version":7})");
  try {
    read_summary(path_);
    FAIL() << "was read";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("summary.json: schema_version 7, but this program reads 1"));
  }
}

TEST_F(RunFilesTest, WhatIsNoObjectIsRefused) {
  const os::RunFolder folder = os::RunFolder::create(path_);
  folder.replace_file("run.json", "[]");
  EXPECT_THROW(read_run(path_), std::runtime_error);
}

TEST_F(RunFilesTest, DamageIsNamedWithItsPlaceAndItsCure) {
  const os::RunFolder folder = os::RunFolder::create(path_);
  folder.replace_file("summary.json", R"({"schema_version":1, "cells)");
  try {
    read_summary(path_);
    FAIL() << "was read";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("summary.json: expected a JSON object, found a file that is "
                                                 "damaged at byte 28 of 27; make it anew from the streams: "
                                                 "walsoak check "));
  }
}

TEST_F(RunFilesTest, ASummaryOfUnknownsHasNoNan) {
  const os::RunFolder folder = os::RunFolder::create(path_);
  write_summary(folder, {{"rate", std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_TRUE(read_summary(path_)["rate"].is_null());
}

}  // namespace
}  // namespace walsoak::record
