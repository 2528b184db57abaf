// The end of a trace in words and in JSON. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/field/trace/events.h"

namespace walsoak::trace {

// A few lines for a terminal, each ended by a newline. `events` is where the events are, or empty.
std::string text_of(const Summary& summary, const std::string& events);

nlohmann::ordered_json json_of(const Summary& summary);

}  // namespace walsoak::trace
