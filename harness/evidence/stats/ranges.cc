#include "harness/evidence/stats/ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace walsoak::stats {

Ranges::Ranges(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end());
  for (const auto& [begin, end] : ranges) {
    if (end < begin) continue;
    if (!ranges_.empty() && begin <= ranges_.back().second + 1) {
      ranges_.back().second = std::max(ranges_.back().second, end);
    } else {
      ranges_.emplace_back(begin, end);
    }
  }
}

Ranges Ranges::from_json(const nlohmann::ordered_json& value) {
  const auto fail = [&value]() { throw std::invalid_argument("no list of closed ranges: " + value.dump()); };
  if (!value.is_array()) fail();
  std::vector<Range> ranges;
  for (const auto& range : value) {
    const bool pair =
        range.is_array() && range.size() == 2 && range[0].is_number_integer() && range[1].is_number_integer();
    if (!pair) fail();
    ranges.emplace_back(range[0].get<std::int64_t>(), range[1].get<std::int64_t>());
  }
  return Ranges(std::move(ranges));
}

std::int64_t Ranges::count() const {
  std::int64_t numbers = 0;
  for (const auto& [begin, end] : ranges_) numbers += end - begin + 1;
  return numbers;
}

Ranges Ranges::without(const Ranges& other) const {
  std::vector<Range> left;
  auto cut = other.ranges_.begin();
  for (auto [begin, end] : ranges_) {
    while (cut != other.ranges_.end() && cut->second < begin) ++cut;
    // `cut` may reach into the next range of ours too, so it is looked at again there.
    for (auto at = cut; at != other.ranges_.end() && at->first <= end; ++at) {
      if (begin < at->first) left.emplace_back(begin, at->first - 1);
      begin = at->second + 1;
    }
    if (begin <= end) left.emplace_back(begin, end);
  }
  return Ranges(std::move(left));
}

std::string Ranges::text() const {
  constexpr std::size_t kShown = 4;
  std::string result;
  for (std::size_t i = 0; i < ranges_.size(); ++i) {
    if (i == kShown) return result + fmt::format(" and {} more ranges", ranges_.size() - kShown);
    const auto [begin, end] = ranges_[i];
    if (i > 0) result += ", ";
    result += begin == end ? fmt::format("{}", begin) : fmt::format("{}-{}", begin, end);
  }
  return result;
}

}  // namespace walsoak::stats
