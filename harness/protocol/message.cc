#include "harness/protocol/message.h"

#include <fmt/format.h>

#include <stdexcept>

namespace walsoak::protocol {

Message make(std::string_view type) {
  Message message;
  message["walsoak"] = kVersion;
  message["type"] = type;
  return message;
}

std::optional<Message> parse(std::string_view line) {
  Message message = Message::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!message.is_object() || !message.contains("walsoak")) return std::nullopt;
  if (message["walsoak"] != kVersion) {
    throw std::runtime_error(
        fmt::format("protocol version {}, but this program speaks {}", message["walsoak"].dump(), kVersion));
  }
  return message;
}

std::string to_line(const Message& message) {
  return message.dump(-1, ' ', false, Message::error_handler_t::replace) + "\n";
}

}  // namespace walsoak::protocol
