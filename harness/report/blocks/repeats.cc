#include "harness/report/blocks/repeats.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "harness/base/shared/json_text.h"
#include "harness/model/vocabulary/findings.h"

namespace walsoak::report {
namespace {

std::size_t verdict_rank(std::string_view verdict) {
  return verdict == "unknown" ? 0 : verdict == "fail" ? 1 : 2;
}

struct Point {
  std::string name;
  std::vector<const Json*> repeats;
};

std::vector<Point> points_of(const Json& summary) {
  std::vector<Point> points;
  for (const Json& cell : summary.at("cells")) {
    const std::string name = cell.value("point", text_of(cell, "cell"));
    auto point =
        std::find_if(points.begin(), points.end(), [&](const Point& one) { return one.name == name; });
    if (point == points.end()) point = points.insert(points.end(), {name, {}});
    point->repeats.push_back(&cell);
  }
  return points;
}

// The first of the repeats whose value has the lowest rank.
const Json& first_by(const Point& point, const char* key, std::size_t (*rank)(std::string_view)) {
  return **std::min_element(point.repeats.begin(), point.repeats.end(), [&](const Json* a, const Json* b) {
    return rank(text_of(*a, key)) < rank(text_of(*b, key));
  });
}

Json median_of(const Point& point, const std::string& name) {
  std::vector<std::int64_t> values;
  for (const Json* cell : point.repeats) {
    const Json value = metric(*cell, name.c_str());
    if (!value.is_number_integer()) return nullptr;
    values.push_back(value.get<std::int64_t>());
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Found {
  std::string finding;
  std::vector<std::string> cells;
};

std::vector<Found> findings_of(const Point& point) {
  std::map<std::size_t, Found> by_rank;
  for (const Json* cell : point.repeats) {
    const std::string finding = text_of(*cell, "finding");
    Found& found = by_rank[harm_rank(finding)];
    found.finding = finding;
    found.cells.push_back(text_of(*cell, "cell"));
  }
  std::vector<Found> found;
  for (auto& [rank, one] : by_rank) found.push_back(std::move(one));
  return found;
}

Json cell_of(const Point& point) {
  Json cell = first_by(point, "finding", harm_rank);
  cell["cell"] = point.name;
  std::vector<std::string> found;
  for (const Found& one : findings_of(point)) {
    found.push_back(fmt::format("{} of {} {}", one.cells.size(), point.repeats.size(), one.finding));
  }
  cell["found"] = fmt::format("{}", fmt::join(found, ", "));
  cell["repeats"] = point.repeats.size();
  const Json& judged = first_by(point, "verdict", verdict_rank);
  cell["verdict"] = judged.at("verdict");
  cell["reasons"] = judged.at("reasons");
  Json metrics = Json::object();
  for (const auto& [name, value] : cell.at("metrics").items()) metrics[name] = median_of(point, name);
  cell["metrics"] = std::move(metrics);
  return cell;
}

}  // namespace

Json folded(const Json& summary) {
  if (!summary.contains("repeats")) return summary;
  Json result = summary;
  result["cells"] = Json::array();
  for (const Point& point : points_of(summary)) {
    result["cells"].push_back(point.repeats.size() == 1 ? *point.repeats.front() : cell_of(point));
  }
  return result;
}

std::vector<std::string> disagreements(const Json& summary) {
  std::vector<std::string> sentences;
  for (const Point& point : points_of(summary)) {
    const std::vector<Found> found = findings_of(point);
    if (found.size() < 2) continue;
    std::vector<std::string> parts;
    for (const Found& one : found)
      parts.push_back(fmt::format("{} in {}", one.finding, listed_short(one.cells)));
    const Json settings = point.repeats.front()->value("settings", Json::object());
    sentences.push_back(
        fmt::format("The {} repeats of {} did not find the same: {}.{}", point.repeats.size(), point.name,
                    fmt::format("{}", fmt::join(parts, "; ")),
                    settings.value("mode", std::string("lockstep")) == "lockstep"
                        ? " In lockstep they should: something besides the steps' order decides it."
                        : ""));
  }
  return sentences;
}

std::string times_text(const Json& summary) {
  std::int64_t least = 0, most = 0;
  for (const Json& cell : summary.at("cells")) {
    const auto times = cell.value("repeats", std::int64_t{1});
    least = least == 0 ? times : std::min(least, times);
    most = std::max(most, times);
  }
  if (most <= 1) return "once";
  return least == most ? fmt::format("{} times", most) : fmt::format("{} to {} times", least, most);
}

}  // namespace walsoak::report
