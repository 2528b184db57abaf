#include "harness/report/blocks/pace.h"

#include <fmt/format.h>

#include <map>

#include "harness/base/shared/span_text.h"
#include "harness/report/text/markdown.h"
#include "harness/report/text/phrases.h"

namespace walsoak::report {
namespace {

bool ran_free(const Json& cell) {
  const auto settings = cell.find("settings");
  return settings != cell.end() && settings->value("mode", std::string{}) == "free";
}

std::string number(const Json& metrics, const std::string& key) {
  const auto found = metrics.find(key);
  return found == metrics.end() || found->is_null() ? "?" : found->dump();
}

double boards_s(const Json& settings) {
  const double by_duration = settings.value("duration_s", 0.0);
  if (by_duration > 0) return by_duration;
  return static_cast<double>(settings.value("ticks", std::int64_t{0})) *
         settings.value("tick_interval_s", 0.0);
}

// "1.2 -> 1.5" of a figure that is given in bytes.
std::string megabytes(const Json& metrics, const std::string& key) {
  const auto in_mb = [&](const std::string& end) -> std::string {
    const auto found = metrics.find(key + end);
    if (found == metrics.end() || !found->is_number()) return "?";
    return fmt::format("{:.1f}", found->get<double>() / 1e6);
  };
  return in_mb("_first") + " -> " + in_mb("_last");
}

// One sentence a scale: a figure per second of a scaled cell means nothing without it.
std::string scales(const Json& summary) {
  std::map<double, std::pair<std::size_t, double>> by_scale;  // cells, the longest of their times
  for (const Json& cell : summary.at("cells")) {
    if (!ran_free(cell)) continue;
    const Json& settings = cell.at("settings");
    auto& [cells, longest] = by_scale[settings.value("time_scale", 1.0)];
    ++cells;
    longest = std::max(longest, boards_s(settings));
  }
  std::string text;
  for (const auto& [scale, what] : by_scale) {
    const auto& [cells, longest] = what;
    const std::string who = fmt::format("{} cell{}", cells, cells == 1 ? "" : "s");
    if (scale == 1) {
      text += fmt::format("- Real pace: {} of {} each.\n", who, span_text(longest));
    } else {
      text += fmt::format(
          "- **Scaled**: {} ran {:g} times as fast as the field: {} of the boards' time in {}. Schedules are "
          "divided "
          "by that, SQLite's busy timeout is not.\n",
          who, scale, span_text(longest), span_text(longest / scale));
    }
  }
  if (const auto jobs = summary.value("jobs", std::int64_t{1}); jobs > 1) {
    text += fmt::format(
        "- {} cells ran side by side: counts are each cell's own, times disturb one another.\n", jobs);
  }
  return text;
}

}  // namespace

std::string missed_slots_sentence(const Json& summary) {
  std::vector<std::string> cells;
  for (const Json& cell : summary.at("cells")) {
    const Json ran = metric(cell, "ticks_ran"), missed = metric(cell, "ticks_missed");
    // A cell in which nothing was due yet has no rates either.
    if (metric(cell, "rates_known") != 0 || !ran.is_number() || !missed.is_number() || missed == 0) continue;
    const double share = missed.get<double>() / (ran.get<double>() + missed.get<double>());
    cells.push_back(fmt::format("{} ({:.0f} %)", name_of(cell), 100 * share));
  }
  if (cells.empty()) return {};
  return fmt::format("Rates are not known: more than 5 % of the slots were missed in {}.",
                     listed_short(cells));
}

bool any_free_running(const Json& summary) {
  for (const Json& cell : summary.at("cells")) {
    if (ran_free(cell)) return true;
  }
  return false;
}

bool any_lockstep(const Json& summary) {
  for (const Json& cell : summary.at("cells")) {
    if (!ran_free(cell) && !cell.contains("watched")) return true;
  }
  return false;
}

std::string pace_section(const Json& summary, std::size_t most_rows) {
  if (!any_free_running(summary)) return {};
  Table table({"cell", "ticks ran", "missed", "tick p50 (us)", "tick p99 (us)", "late p99 (us)",
               "loop lag p99 (us)", "lag max (us)", "walsoak's RSS (MB)", "walsoak's descriptors",
               "sample jitter p99 (us)"});
  for (const Json& cell : summary.at("cells")) {
    if (!ran_free(cell) || cell.value("state", "") == "pending") continue;
    const Json& metrics = cell.at("metrics");
    const auto from_to =
        number(metrics, "harness_descriptors_first") + " -> " + number(metrics, "harness_descriptors_last");
    table.add({cell.at("cell").get<std::string>(), number(metrics, "ticks_ran"),
               number(metrics, "ticks_missed"), number(metrics, "tick_p50_us"),
               number(metrics, "tick_p99_us"), number(metrics, "late_p99_us"), number(metrics, "lag_p99_us"),
               number(metrics, "lag_max_us"), megabytes(metrics, "harness_rss_bytes"), from_to,
               number(metrics, "harness_jitter_us_p99")});
  }
  const std::string figures = table.empty() ? ""
                                            : details("Ticks, lag and walsoak itself, cell by cell",
                                                      folded(std::move(table), most_rows));
  return "## Pace\n\n" + scales(summary) + (figures.empty() ? "" : "\n" + figures);
}

}  // namespace walsoak::report
