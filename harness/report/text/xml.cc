#include "harness/report/text/xml.h"

#include "harness/base/escape/escape.h"

namespace walsoak::report {

std::string xml_element(const char* name, const XmlAttributes& attributes, const std::string& content) {
  std::string result = std::string("<") + name;
  for (const auto& [key, value] : attributes) {
    result += std::string(" ") + key + "=\"" + escape::xml_attribute(value) + "\"";
  }
  if (content.empty()) return result + "/>\n";
  return result + ">" + content + "</" + name + ">\n";
}

std::string xml_text_element(const char* name, const XmlAttributes& attributes, std::string_view text) {
  return xml_element(name, attributes, escape::xml(text));
}

}  // namespace walsoak::report
