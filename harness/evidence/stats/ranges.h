// Sets of sequence numbers as closed ranges: acknowledgements are dense, so a million rows are a handful of
// ranges.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace walsoak::stats {

class Ranges {
 public:
  using Range = std::pair<std::int64_t, std::int64_t>;  // both ends included

  Ranges() = default;
  // In any order, overlapping or not; a range whose end lies before its begin is empty.
  explicit Ranges(std::vector<Range> ranges);
  // From [[1,40],[42,42]]. Throws std::invalid_argument where it is not of this form.
  static Ranges from_json(const nlohmann::ordered_json& value);

  // How many numbers there are.
  std::int64_t count() const;
  // The numbers that are here and not in `other`.
  Ranges without(const Ranges& other) const;
  // "41, 43-45"; cut after a few ranges.
  std::string text() const;

  const std::vector<Range>& ranges() const { return ranges_; }
  bool operator==(const Ranges&) const = default;

 private:
  std::vector<Range> ranges_;  // sorted, apart from one another by at least one number
};

}  // namespace walsoak::stats
