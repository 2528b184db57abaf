#include "harness/field/trace/places.h"

#include <fmt/format.h>

namespace walsoak::trace {
namespace {

using nlohmann::json;

constexpr std::size_t kMostCallers = 3;

std::string script_place(const json& frame) {
  const std::string line = fmt::format("{}:{}", text_in(frame, "file"), number_in(frame, "line"));
  const std::string function = text_in(frame, "function");
  return function.empty() ? line : fmt::format("{} in {}", line, function);
}

std::string c_place(const json& frame) {
  const std::string module = text_in(frame, "module");
  const std::string where =
      fmt::format("{}+{}", module.empty() ? "no module" : module, text_in(frame, "offset"));
  const std::string symbol = text_in(frame, "symbol");
  return symbol.empty() ? where : fmt::format("{} ({})", symbol, where);
}

// The script's frames where there are any, else the C frames, innermost first.
std::vector<std::string> frames_of(const json& event) {
  std::vector<std::string> found;
  for (const auto& [key, place] : {std::pair("python", &script_place), std::pair("script", &script_place),
                                   std::pair("stack", &c_place)}) {
    const auto frames = event.find(key);
    if (frames == event.end() || !frames->is_array()) continue;
    for (const json& frame : *frames) {
      if (frame.is_object()) found.push_back(place(frame));
    }
    if (!found.empty()) break;
  }
  return found;
}

}  // namespace

std::int64_t number_in(const json& event, const char* key) {
  const auto at = event.find(key);
  return at != event.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0;
}

std::string text_in(const json& event, const char* key) {
  const auto at = event.find(key);
  return at != event.end() && at->is_string() ? at->get<std::string>() : std::string();
}

bool flag_in(const json& event, const char* key) {
  const auto at = event.find(key);
  return at != event.end() && at->is_boolean() && at->get<bool>();
}

std::string Place::path_key() const {
  std::string all = key();
  for (const std::string& caller : rest) all += "\n" + caller;
  return all;
}

Place place_of(const json& event) {
  Place place;
  const std::vector<std::string> frames = frames_of(event);
  if (!frames.empty()) place.at = frames.front();
  if (const auto stack = event.find("stack"); stack != event.end() && stack->is_array() && !stack->empty()) {
    place.module = text_in(stack->front(), "module");
  }
  for (std::size_t i = 1; i < frames.size() && i <= kMostCallers; ++i) place.rest.push_back(frames[i]);
  return place;
}

}  // namespace walsoak::trace
