// The few pieces of XML 1.0 that a machine-readable report is made of: whatever a text holds, what comes out
// is well-formed. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace walsoak::report {

// For element content and attribute values alike. What XML cannot hold in any spelling (control characters,
// U+FFFE, U+FFFF, bytes that are no UTF-8) becomes U+FFFD, the replacement character.
std::string xml_escaped(std::string_view text);

using XmlAttributes = std::vector<std::pair<const char*, std::string>>;

// An element with its attributes, and `content` that is XML already; empty: no content.
std::string xml_element(const char* name, const XmlAttributes& attributes, const std::string& content = {});
// One whose content is text.
std::string xml_text_element(const char* name, const XmlAttributes& attributes, std::string_view text);

}  // namespace walsoak::report
