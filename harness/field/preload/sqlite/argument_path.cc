#include "harness/field/preload/sqlite/argument_path.h"

#include <string.h>
#include <unistd.h>

#include <cstdint>

namespace walsoak::trace {

bool path_of_argument(const char* argument, char* path, std::size_t size) {
  if (argument == nullptr || *argument == '\0' || strcmp(argument, ":memory:") == 0) return false;
  std::size_t length = strlen(argument);
  if (strncmp(argument, "file:", 5) == 0) {
    if (strstr(argument, "mode=memory") != nullptr) return false;
    argument += 5;
    if (strncmp(argument, "//", 2) == 0) {
      const char* const after = strchr(argument + 2, '/');
      argument = after == nullptr ? argument : after;
    }
    length = strcspn(argument, "?#");
    if (length == 0 || strncmp(argument, ":memory:", 8) == 0) return false;
  }
  std::size_t before = 0;
  if (*argument != '/') {
    if (getcwd(path, size) == nullptr) return false;
    before = strlen(path);
    path[before++] = '/';
  }
  if (before + length >= size) return false;
  memcpy(path + before, argument, length);
  path[before + length] = '\0';
  return true;
}

void utf8_of_utf16(const void* text, char* utf8, std::size_t size) {
  std::size_t used = 0;
  const char* at = static_cast<const char*>(text);
  for (std::uint16_t unit = 0; text != nullptr && used + 4 < size; at += sizeof unit) {
    memcpy(&unit, at, sizeof unit);
    if (unit == 0) break;
    if (unit < 0x80) {
      utf8[used++] = static_cast<char>(unit);
    } else if (unit < 0x800) {
      utf8[used++] = static_cast<char>(0xC0 | (unit >> 6));
      utf8[used++] = static_cast<char>(0x80 | (unit & 0x3F));
    } else if (unit >= 0xD800 && unit < 0xE000) {
      utf8[used++] = '?';
    } else {
      utf8[used++] = static_cast<char>(0xE0 | (unit >> 12));
      utf8[used++] = static_cast<char>(0x80 | ((unit >> 6) & 0x3F));
      utf8[used++] = static_cast<char>(0x80 | (unit & 0x3F));
    }
  }
  utf8[used] = '\0';
}

}  // namespace walsoak::trace
