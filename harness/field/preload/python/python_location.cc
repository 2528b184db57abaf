#include "harness/field/preload/python/python_location.h"

namespace walsoak::trace {
namespace {

// The codes of an entry that say more than columns.
constexpr unsigned kOneLine0 = 10;  // 10, 11, 12: the line moves by 0, 1, 2
constexpr unsigned kOneLine2 = 12;
constexpr unsigned kNoColumns = 13;
constexpr unsigned kLong = 14;
constexpr unsigned kNone = 15;

constexpr unsigned char kEntry = 0x80;  // set in the first byte of an entry, in no other

// A signed variable-length integer: six bits a byte, the lowest first, 0x40 where another byte follows; the
// lowest bit of the whole is the sign.
long signed_varint(const unsigned char* at, const unsigned char* end) {
  unsigned long value = 0;
  unsigned shift = 0;
  while (at < end && shift < 60) {
    value |= static_cast<unsigned long>(*at & 0x3FU) << shift;
    if ((*at & 0x40U) == 0) break;
    shift += 6;
    ++at;
  }
  const auto magnitude = static_cast<long>(value >> 1U);
  return (value & 1U) != 0 ? -magnitude : magnitude;
}

long line_delta(unsigned code, const unsigned char* after, const unsigned char* end) {
  if (code == kLong || code == kNoColumns) return signed_varint(after, end);
  if (code >= kOneLine0 && code <= kOneLine2) return static_cast<long>(code - kOneLine0);
  return 0;
}

}  // namespace

long line_of_unit(const unsigned char* table, std::size_t size, long first_line, long unit) {
  const unsigned char* const end = table + size;
  long line = first_line;
  long covered = 0;
  for (const unsigned char* at = table; at < end;) {
    const unsigned code = (*at >> 3U) & 15U;
    covered += static_cast<long>(*at & 7U) + 1;
    line += line_delta(code, at + 1, end);
    if (unit < covered) return code == kNone ? 0 : line;
    do ++at;
    while (at < end && (*at & kEntry) == 0);
  }
  return 0;
}

}  // namespace walsoak::trace
