// Times for people, one way everywhere.
#pragma once

#include <string>

namespace walsoak {

// In the unit that suits it, to three digits: "45 s", "3.2 min", "16.7 h", "5 days".
std::string span_text(double seconds);

}  // namespace walsoak
