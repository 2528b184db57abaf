// The stream of a cell, written and read back: whole, cut off, damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/evidence/record/stream_reader.h"
#include "harness/evidence/record/stream_writer.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::record {
namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kHeader = R"({"type":"header","schema_version":1,"cell":"c01"})";
constexpr const char* kEnd = R"({"type":"end","reason":"done"})";

class StreamTest : public ::testing::Test {
 protected:
  fs::path write(const std::string& content) {
    fs::create_directories(path_);
    const fs::path file = path_ / "c01.jsonl";
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }

  StreamEnd read(const fs::path& file) {
    return read_stream(file, [this](const ordered_json& line) { lines_.push_back(line); });
  }

  std::string error_of(const std::string& content) {
    try {
      read(write(content));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "no error";
  }

  tests::TemporaryFolder temporary_;
  const fs::path path_ = temporary_.path() / "run";
  std::vector<ordered_json> lines_;
};

TEST_F(StreamTest, WhatIsWrittenIsReadInOrder) {
  const os::RunFolder folder = os::RunFolder::create(path_);
  folder.make_folder("cells");
  StreamWriter writer(folder, "cells/c01.jsonl");
  writer.append(ordered_json::parse(kHeader));
  writer.append({{"type", "step"}, {"id", 1}});
  writer.append(ordered_json::parse(kEnd));
  const StreamEnd end = read(path_ / "cells/c01.jsonl");
  EXPECT_EQ(end.lines, 3U);
  EXPECT_FALSE(end.interrupted);
  EXPECT_FALSE(end.cut_off);
  ASSERT_EQ(lines_.size(), 3U);
  EXPECT_EQ(lines_[1]["id"], 1);
}

TEST_F(StreamTest, ALineIsOnDiskBeforeTheWriterIsGone) {
  const os::RunFolder folder = os::RunFolder::create(path_);
  StreamWriter writer(folder, "c01.jsonl");
  writer.append(ordered_json::parse(kHeader));
  EXPECT_EQ(os::read_file(path_ / "c01.jsonl"), std::string(kHeader) + "\n");
}

TEST_F(StreamTest, AppendsToWhatIsThere) {
  const os::RunFolder folder = os::RunFolder::create(path_);
  StreamWriter(folder, "c01.jsonl").append(ordered_json::parse(kHeader));
  StreamWriter(folder, "c01.jsonl").append(ordered_json::parse(kEnd));
  EXPECT_EQ(read(path_ / "c01.jsonl").lines, 2U);
}

TEST_F(StreamTest, BytesThatAreNoUtf8AreReplaced) {
  const os::RunFolder folder = os::RunFolder::create(path_);
  StreamWriter writer(folder, "c01.jsonl");
  writer.append({{"type", "header"}, {"schema_version", 1}, {"note", "\xff"}});
  read(path_ / "c01.jsonl");
  EXPECT_EQ(lines_.at(0)["note"], "\xEF\xBF\xBD");
}

TEST_F(StreamTest, RefusesAPlaceOutsideTheRun) {
  const os::RunFolder folder = os::RunFolder::create(path_);
  EXPECT_THROW(StreamWriter(folder, "../elsewhere.jsonl"), std::runtime_error);
}

TEST_F(StreamTest, WithoutAnEndTheCellWasInterrupted) {
  const StreamEnd end = read(write(std::string(kHeader) + "\n"));
  EXPECT_TRUE(end.interrupted);
  EXPECT_FALSE(end.cut_off);
  EXPECT_EQ(end.lines, 1U);
}

TEST_F(StreamTest, ALastLineThatIsCutOffIsLeftOut) {
  const StreamEnd end = read(write(std::string(kHeader) + "\n{\"type\":\"sample\",\"ti"));
  EXPECT_TRUE(end.interrupted);
  EXPECT_TRUE(end.cut_off);
  EXPECT_EQ(end.bytes, fs::file_size(path_ / "c01.jsonl"));
  EXPECT_EQ(end.lines, 1U);
  EXPECT_EQ(lines_.size(), 1U);
}

TEST_F(StreamTest, ALastLineThatLacksOnlyItsNewlineCounts) {
  const StreamEnd end = read(write(std::string(kHeader) + "\n" + kEnd));
  EXPECT_FALSE(end.interrupted);
  EXPECT_EQ(end.lines, 2U);
}

TEST_F(StreamTest, AnEmptyStreamWasInterrupted) {
  const StreamEnd end = read(write(""));
  EXPECT_TRUE(end.interrupted);
  EXPECT_EQ(end.lines, 0U);
}

TEST_F(StreamTest, ABrokenLineInTheMiddleIsNamed) {
  EXPECT_THAT(error_of(std::string(kHeader) + "\n{\"type\":\"sam\n" + kEnd + "\n"),
              testing::HasSubstr("c01.jsonl:2: no JSON object with a type"));
}

TEST_F(StreamTest, ALineWithoutATypeIsNamed) {
  EXPECT_THAT(error_of(std::string(kHeader) + "\n{\"tick\":1}\n" + kEnd + "\n"),
              testing::HasSubstr("c01.jsonl:2:"));
}

TEST_F(StreamTest, TheFirstLineMustBeAHeaderOfThisVersion) {
  EXPECT_THAT(error_of(std::string(kEnd) + "\n"), testing::HasSubstr("c01.jsonl:1: the first line"));
  EXPECT_THAT(error_of("{\"type\":\"header\",\"schema_version\":2}\n"),
              testing::HasSubstr("schema_version 2, but this program reads 1"));
}

TEST_F(StreamTest, AMissingFileIsNamed) {
  EXPECT_THROW(read(path_ / "none.jsonl"), std::system_error);
}

}  // namespace
}  // namespace walsoak::record
