// Texts and numbers of JSON that may lack any of them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/shared/tristate.h"

namespace walsoak {

// The text under a key; "" where there is none, or no text.
inline std::string text_of(const nlohmann::ordered_json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// Null where it is not known.
inline nlohmann::ordered_json json_of(Count count) {
  return count ? nlohmann::ordered_json(*count) : nlohmann::ordered_json();
}

}  // namespace walsoak
