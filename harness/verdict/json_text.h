// Texts in the lines of a stream, which may lack any key.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace walsoak::verdict {

// The text under a key; "" where there is none, or no text.
inline std::string text_of(const nlohmann::ordered_json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

}  // namespace walsoak::verdict
