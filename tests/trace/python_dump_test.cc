#include "harness/field/preload/python/python_dump.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace walsoak::trace {
namespace {

std::vector<std::string> frames_of(const std::string& dump) {
  std::vector<std::string> frames;
  const char* at = dump.c_str();
  PythonFrame frame{};
  while (next_frame(&at, &frame)) {
    frames.push_back(std::string(frame.file, frame.file_length) + "|" + std::to_string(frame.line) + "|" +
                     std::string(frame.function, frame.function_length));
  }
  return frames;
}

TEST(PythonDump, TakesTheFramesApart) {
  EXPECT_EQ(frames_of("Stack (most recent call first):\n  File \"/a b/x.py\", line 7 in look\n"
                      "  File \"<string>\", line 12 in <module>\n  ...\n"),
            (std::vector<std::string>{"/a b/x.py|7|look", "<string>|12|<module>"}));
}

TEST(PythonDump, AFileNameMayLookLikeTheRest) {
  EXPECT_EQ(frames_of("  File \"/x\", line 1 in y/\", line 3 in f"),
            (std::vector<std::string>{"/x\", line 1 in y/|3|f"}));
}

TEST(PythonDump, WhatIsNoFrameIsPassedOver) {
  EXPECT_TRUE(frames_of("").empty());
  EXPECT_TRUE(frames_of("<invalid frame>\n  File ???, line ??? in ???\n  File \"/cut off").empty());
}

}  // namespace
}  // namespace walsoak::trace
