#include "harness/field/preload/json_text.h"

#include <cstring>

namespace walsoak::trace {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

bool is_continuation(const char* text, std::size_t length, std::size_t index) {
  return index < length && (static_cast<unsigned char>(text[index]) & 0xC0U) == 0x80U;
}

// The length of the UTF-8 sequence that starts here (RFC 3629), or 0 where there is none: a path may hold any
// byte.
std::size_t utf8_length(const char* text, std::size_t length) {
  const auto first = static_cast<unsigned char>(text[0]);
  const auto second = static_cast<unsigned char>(length > 1 ? text[1] : 0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return is_continuation(text, length, 1) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) {
    // Neither overlong nor a surrogate.
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
    return is_continuation(text, length, 1) && is_continuation(text, length, 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first < 0xF5) {
    if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
    return is_continuation(text, length, 1) && is_continuation(text, length, 2) &&
                   is_continuation(text, length, 3)
               ? 4
               : 0;
  }
  return 0;
}

}  // namespace

void JsonText::put(char character) {
  if (at_ >= limit_) {
    full_ = true;
    return;
  }
  *at_++ = character;
}

void JsonText::put(const char* text) {
  for (; *text != '\0'; ++text) put(*text);
}

void JsonText::separate() {
  const char before = at_[-1];
  if (before != '{' && before != '[') put(',');
}

void JsonText::key(const char* name) {
  separate();
  put('"');
  put(name);
  put("\":");
}

void JsonText::quote(const char* text, std::size_t length) {
  put('"');
  for (std::size_t i = 0; i < length;) {
    const std::size_t bytes = utf8_length(text + i, length - i);
    const auto byte = static_cast<unsigned char>(text[i]);
    if (bytes == 0) {
      put("\\ufffd");
      ++i;
      continue;
    }
    if (byte == '"' || byte == '\\') put('\\');
    if (byte < 0x20) {
      put("\\u00");
      put(kHexDigits[byte >> 4U]);
      put(kHexDigits[byte & 15U]);
    } else {
      for (std::size_t k = 0; k < bytes; ++k) put(text[i + k]);
    }
    i += bytes;
  }
  put('"');
}

// Half a member would be no JSON. Inside an item the whole item goes.
void JsonText::keep_or_take_back(char* before) {
  if (!full_ || item_ != nullptr) return;
  at_ = before;
  full_ = false;
}

void JsonText::add(const char* name, const char* text, std::size_t length) {
  char* const before = at_;
  key(name);
  quote(text, length);
  keep_or_take_back(before);
}

void JsonText::add(const char* name, const char* text) {
  if (text != nullptr) {
    add(name, text, std::strlen(text));
    return;
  }
  char* const before = at_;
  key(name);
  put("null");
  keep_or_take_back(before);
}

void JsonText::add_number(const char* name, std::int64_t value) {
  char digits[24];
  char* first = digits + sizeof digits;
  *--first = '\0';
  std::uint64_t rest = value < 0 ? 0U - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  do {
    *--first = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (value < 0) *--first = '-';
  char* const before = at_;
  key(name);
  put(first);
  keep_or_take_back(before);
}

void JsonText::add_flag(const char* name, bool value) {
  char* const before = at_;
  key(name);
  put(value ? "true" : "false");
  keep_or_take_back(before);
}

void JsonText::add_hex(const char* name, std::uint64_t value) {
  char digits[20];
  char* first = digits + sizeof digits;
  do {
    *--first = kHexDigits[value & 15U];
    value >>= 4U;
  } while (value != 0);
  *--first = 'x';
  *--first = '0';
  add(name, first, static_cast<std::size_t>(digits + sizeof digits - first));
}

bool JsonText::open_list(const char* name) {
  char* const before = at_;
  key(name);
  put('[');
  const bool whole = !full_;
  keep_or_take_back(before);
  return whole;
}

void JsonText::close_list() {
  *at_++ = ']';
}

void JsonText::open_item() {
  item_ = at_;
  separate();
  put('{');
}

bool JsonText::close_item() {
  put('}');
  const bool whole = !full_;
  if (!whole) at_ = item_;
  item_ = nullptr;
  full_ = false;
  return whole;
}

std::size_t JsonText::finish() {
  *at_++ = '}';
  *at_++ = '\n';
  return static_cast<std::size_t>(at_ - start_);
}

}  // namespace walsoak::trace
