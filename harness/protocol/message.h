// Protocol v1 (docs/protocol.md): what a message is and how one line becomes one.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace walsoak::protocol {

inline constexpr int kVersion = 1;
inline constexpr int kLeashDescriptor = 3;

using Message = nlohmann::ordered_json;

// A message of the given type with its version key; add the rest to it.
Message make(std::string_view type);

// The message on a line, or nothing where the line is none (no JSON object, or no key `walsoak`): such a line
// belongs in the log. Throws std::runtime_error on a message of another version.
std::optional<Message> parse(std::string_view line);

// The line of a message, with its newline. Bytes that are no UTF-8 are replaced, never an error.
std::string to_line(const Message& message);

}  // namespace walsoak::protocol
