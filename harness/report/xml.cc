#include "harness/report/xml.h"

#include <nlohmann/json.hpp>

namespace walsoak::report {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

// The JSON library knows well-formed UTF-8; what is none it replaces.
std::string well_formed(std::string_view text) {
  const nlohmann::json value = std::string(text);
  return nlohmann::json::parse(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
      .get<std::string>();
}

// XML 1.0, production 2: of the control characters it has three alone.
bool is_no_character(std::string_view rest) {
  const auto first = static_cast<unsigned char>(rest.front());
  if (first < 0x20) return first != '\t' && first != '\n' && first != '\r';
  return rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF");
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  const std::string clean = well_formed(text);
  std::string result;
  for (std::size_t at = 0; at < clean.size(); ++at) {
    const std::string_view rest = std::string_view(clean).substr(at);
    if (is_no_character(rest)) {
      result += kReplacement;
      if (static_cast<unsigned char>(rest.front()) >= 0x20) at += 2;
      continue;
    }
    switch (rest.front()) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':  // "]]>" may not stand in content
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\r':  // a reader would make a line feed of it
        result += "&#13;";
        break;
      default:
        result += rest.front();
    }
  }
  return result;
}

std::string xml_element(const char* name, const XmlAttributes& attributes, const std::string& content) {
  std::string result = std::string("<") + name;
  for (const auto& [key, value] : attributes) {
    // In an attribute a reader takes line breaks and tabs for blanks, unless they are spelled out.
    std::string escaped;
    for (const char c : xml_escaped(value)) {
      escaped += c == '\n' ? "&#10;" : c == '\t' ? "&#9;" : std::string(1, c);
    }
    result += std::string(" ") + key + "=\"" + escaped + "\"";
  }
  if (content.empty()) return result + "/>\n";
  return result + ">" + content + "</" + name + ">\n";
}

std::string xml_text_element(const char* name, const XmlAttributes& attributes, std::string_view text) {
  return xml_element(name, attributes, xml_escaped(text));
}

}  // namespace walsoak::report
