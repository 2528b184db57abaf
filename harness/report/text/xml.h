// Elements of XML 1.0, well-formed whatever a text holds (harness/base/escape/escape.h). Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace walsoak::report {

using XmlAttributes = std::vector<std::pair<const char*, std::string>>;

// An element with its attributes, and `content` that is XML already; empty: no content.
std::string xml_element(const char* name, const XmlAttributes& attributes, const std::string& content = {});
// One whose content is text.
std::string xml_text_element(const char* name, const XmlAttributes& attributes, std::string_view text);

}  // namespace walsoak::report
