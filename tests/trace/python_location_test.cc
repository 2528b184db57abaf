#include "harness/field/preload/python/python_location.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace walsoak::trace {
namespace {

// A function's co_linetable as CPython made it, printed by
//   print(f.__code__.co_firstlineno, list(f.__code__.co_linetable), [(a // 2, l) for a, _, l in
//   f.__code__.co_lines()])
// for
//   def f(a,
//         b):
//       x = 1
//
//       y = (a +
//            b)
//       try:
//           z = open(
//               a)
//       finally:
//           y = 2
//       return x
struct Table {
  std::vector<unsigned char> bytes;
  std::vector<std::pair<long, long>> lines;  // from this unit on; line 0: none
  long units;
};

const Table kBy311 = {{128, 0,   224, 8,   9,  128, 65, 224, 9,  10,  216, 9,   10,  241, 3,   1, 10,  11,
                       128, 65,  240, 4,   4,  5,   14, 221, 12, 16,  216, 12,  13,  241, 3,   1, 13,  15,
                       244, 0,   1,   13,  15, 136, 1,  240, 6,  0,   13,  14,  136, 1,   136, 1, 248, 136,
                       65,  136, 1,   136, 5,  136, 5,  136, 5,  136, 5,   216, 11,  12,  128, 72},
                      {{0, 1},
                       {1, 3},
                       {3, 5},
                       {4, 6},
                       {5, 5},
                       {8, 7},
                       {9, 8},
                       {15, 9},
                       {16, 8},
                       {24, 11},
                       {27, 0},
                       {28, 11},
                       {34, 12}},
                      36};
const Table kBy313 = {
    {128, 0,  224, 8,   9,  128, 65, 224, 9,   10, 216, 9,   10, 241, 3,  1,  10,  11, 128, 65,
     240, 4,  4,   5,   14, 220, 12, 16,  216, 12, 13,  243, 3,  1,   13, 15, 136, 1,  240, 6,
     0,   13, 14,  136, 1,  216, 11, 12,  128, 72, 248, 240, 3,  0,   13, 14, 137, 1,  250},
    {{0, 1},
     {1, 3},
     {3, 5},
     {4, 6},
     {5, 5},
     {8, 7},
     {9, 8},
     {14, 9},
     {15, 8},
     {20, 11},
     {22, 12},
     {24, 0},
     {25, 11},
     {28, 0}},
    31};

void expect_lines(const Table& table) {
  for (std::size_t i = 0; i < table.lines.size(); ++i) {
    const long end = i + 1 < table.lines.size() ? table.lines[i + 1].first : table.units;
    for (long unit = table.lines[i].first; unit < end; ++unit) {
      EXPECT_EQ(line_of_unit(table.bytes.data(), table.bytes.size(), 1, unit), table.lines[i].second) << unit;
    }
  }
}

TEST(PythonLocation, GivesTheLinesThatCPythonGives) {
  expect_lines(kBy311);
  expect_lines(kBy313);
}

TEST(PythonLocation, CountsFromTheFirstLine) {
  EXPECT_EQ(line_of_unit(kBy313.bytes.data(), kBy313.bytes.size(), 101, 9), 108);
}

TEST(PythonLocation, BehindTheTableThereIsNoLine) {
  EXPECT_EQ(line_of_unit(kBy313.bytes.data(), kBy313.bytes.size(), 1, 31), 0);
  EXPECT_EQ(line_of_unit(nullptr, 0, 1, 0), 0);
}

TEST(PythonLocation, ATableThatIsCutOffIsNotReadPastItsEnd) {
  for (std::size_t size = 0; size < kBy313.bytes.size(); ++size) {
    // A copy of its own, so that a sanitizer sees a byte too many.
    const std::vector<unsigned char> cut(kBy313.bytes.begin(),
                                         kBy313.bytes.begin() + static_cast<std::ptrdiff_t>(size));
    line_of_unit(cut.data(), cut.size(), 1, 30);
  }
}

}  // namespace
}  // namespace walsoak::trace
