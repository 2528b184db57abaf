#include "harness/cli/duration.h"

#include <map>
#include <stdexcept>

namespace walsoak::cli {

std::optional<double> parse_seconds(const std::string& text) {
  static const std::map<std::string, double> units = {{"", 1},   {"ms", 0.001}, {"s", 1},
                                                      {"m", 60}, {"h", 3600},   {"d", 86400}};
  std::size_t end = 0;
  double number = -1;
  try {
    number = std::stod(text, &end);
  } catch (const std::exception&) {
    return std::nullopt;
  }
  const auto unit = units.find(text.substr(end));
  if (unit == units.end() || !(number > 0) || number > 1e9) return std::nullopt;
  return number * unit->second;
}

}  // namespace walsoak::cli
