// Numbers in the texts of the kernel.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace walsoak::os {

// The whole of the text as a decimal number; nothing where it is none, or does not fit.
template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace walsoak::os
