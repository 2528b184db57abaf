#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "harness/base/escape/escape.h"

namespace walsoak::escape {
namespace {

struct Decoded {
  std::size_t bytes = 0;  // 0: no UTF-8
  char32_t point = 0;
};

// Strict: no overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629).
Decoded decoded(std::string_view text) {
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {1, first};
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return {};
  char32_t point = first & (0x7F >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    point = point << 6 | (byte(i) & 0x3F);
  }
  if (point < kLeast[bytes] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return {};
  return {bytes, point};
}

// Controls, format characters that draw nothing or turn the text around, separators of lines, fillers, tags
// and noncharacters. Variation selectors of the basic plane stay, since emoji have them; joiners do not.
constexpr std::pair<char32_t, char32_t> kHidden[] = {
    {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},
    {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
    {0xFFFE, 0xFFFF}, {0xFDD0, 0xFDEF}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

bool hidden(char32_t point) {
  return (point & 0xFFFE) == 0xFFFE ||
         std::any_of(std::begin(kHidden), std::end(kHidden),
                     [point](auto range) { return point >= range.first && point <= range.second; });
}

std::string spelled(char32_t point) {
  if (point == '\n') return "\\n";
  if (point == '\r') return "\\r";
  if (point == '\t') return "\\t";
  const auto number = static_cast<std::uint32_t>(point);
  return point < 0x80      ? fmt::format("\\x{:02x}", number)
         : point < 0x10000 ? fmt::format("\\u{:04x}", number)
                           : fmt::format("\\U{:08x}", number);
}

std::string made_visible(std::string_view text, bool keep_lines) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    if (text.starts_with("##[")) {
      result += "#\\x23[";
      text.remove_prefix(3);
      continue;
    }
    const Decoded next = decoded(text);
    if (next.bytes == 0) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    const bool kept = !hidden(next.point) || (keep_lines && next.point == '\n');
    result += kept ? std::string(text.substr(0, next.bytes)) : spelled(next.point);
    text.remove_prefix(next.bytes);
  }
  return result;
}

Json each_string(const Json& value, std::string (*change)(std::string_view)) {
  if (value.is_string()) return change(value.get_ref<const std::string&>());
  if (value.is_array()) {
    Json result = Json::array();
    for (const Json& part : value) result.push_back(each_string(part, change));
    return result;
  }
  if (!value.is_object()) return value;
  Json result = Json::object();
  for (const auto& [key, part] : value.items()) result[change(key)] = each_string(part, change);
  return result;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Decoded next = decoded(text);
    if (next.bytes == 0) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

std::string visible(std::string_view text) {
  return made_visible(text, false);
}

std::string visible_lines(std::string_view text) {
  return made_visible(text, true);
}

Json visible_document(const Json& document) {
  return each_string(document, visible);
}

Json markdown_document(const Json& document) {
  return each_string(document, markdown);
}

std::string json_lines(std::string_view text) {
  std::string result;
  const auto add = [&result](std::uint32_t unit) { result += fmt::format("\\u{:04x}", unit); };
  while (!text.empty()) {
    const Decoded next = decoded(text);
    const auto point = static_cast<std::uint32_t>(next.point);
    if (text.starts_with("##[")) {  // in a string, the only place where JSON has it
      result += "#\\u0023[";
      text.remove_prefix(3);
      continue;
    }
    if (next.bytes == 0) {
      add(0xFFFD);
    } else if (point >= 0x10000) {
      add(0xD800 + ((point - 0x10000) >> 10));
      add(0xDC00 + ((point - 0x10000) & 0x3FF));
    } else if (point >= 0x7F || (point < 0x20 && point != '\n')) {
      add(point);
    } else {
      result += text.front();
    }
    text.remove_prefix(std::max<std::size_t>(1, next.bytes));
  }
  return result;
}

std::string json(const Json& document, int indent) {
  return json_lines(document.dump(indent, ' ', true, Json::error_handler_t::replace));
}

}  // namespace walsoak::escape
