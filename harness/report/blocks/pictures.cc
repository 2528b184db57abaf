#include "harness/report/blocks/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "harness/base/escape/escape.h"
#include "harness/model/vocabulary/findings.h"
#include "harness/model/vocabulary/mechanisms.h"
#include "harness/report/blocks/pace.h"
#include "harness/report/text/cells.h"
#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

constexpr std::string_view kOfACell = "ledgers-";  // followed by the cell's name
constexpr std::string_view kRowsOverTime = "rows-over-time";
constexpr std::size_t kMostLinks = 40;

constexpr std::pair<std::string_view, std::string_view> kCaptions[] = {
    {"findings", "what was found in each cell"},
    {"versions", "what was found by SQLite version"},
    {"field", "reported beside measured"},
    {"descriptors", "descriptors by class over time"},
    {"rows", "rows acknowledged, and seen inside and outside"},
    {kRowsOverTime, "rows acknowledged, and seen inside and outside, over time"},
    {"locks", "locks held over time"},
    {"sidecars", "bytes of the sidecars over time"},
    {"ticks", "how long ticks took"},
    {"lag", "lag of the event loop"},
    {kChurn, "sidecars unlinked over time"}};

std::string stem_of(const std::string& picture) {
  return std::filesystem::path(picture).stem().string();
}

// What the choice depends on.
struct Seen {
  std::size_t worst = harm_rank(kClean);
  bool harm = false, growth = false, churn = false, locks = false;
  bool free = false, versions = false, many = false;
  bool rows_over_time = false;  // drawn, which says more than the rows at the end
};

Seen seen_in_run(const Json& summary) {
  Seen seen;
  for (const Json& cell : summary.at("cells")) {
    seen.worst = std::min(seen.worst, harm_rank(cell.value("finding", std::string{})));
    seen.harm = seen.harm || found(cell, kDataLoss) || found(cell, kWedged);
    seen.growth = seen.growth || found(cell, kLeak) || found(cell, kBoundedGrowth);
    seen.churn = seen.churn || found(cell, kChurn);
    seen.locks = seen.locks || mechanisms_text(cell).find(kLockLost) != std::string::npos;
  }
  seen.free = any_free_running(summary);
  seen.many = summary.at("cells").size() > 1;
  for (const std::string& axis : axes(summary)) {
    seen.versions = seen.versions || axis.starts_with("sqlite.");
  }
  return seen;
}

// How much a picture tells of such a run; a kind is known by a word in its name.
int weight_of(const Json& summary, const Seen& seen, const std::string& stem) {
  const auto has = [&](std::string_view word) { return stem.find(word) != std::string::npos; };
  if (stem.starts_with(kOfACell)) {
    const Json* const cell =
        find_cell(summary, escape::markdown(std::string_view(stem).substr(kOfACell.size())));
    const bool worst = cell != nullptr && harm_rank(cell->value("finding", std::string{})) == seen.worst;
    return worst && (seen.harm || seen.growth) ? 75 : worst ? 50 : 20;
  }
  if (has("field")) return 100;
  if (has("version")) return seen.versions ? 95 : 15;
  if (has("findings")) return seen.many ? 80 : 5;
  if (stem != kRowsOverTime && has("rows") && seen.rows_over_time) return 10;
  if (has("rows")) return seen.harm ? 90 : 10;
  if (has("descriptors")) return seen.growth ? 85 : 60;
  if (has(kChurn)) return seen.churn && !seen.harm && !seen.growth ? 70 : 40;
  if (has("locks")) return seen.locks ? 55 : 10;
  if (has("sidecar")) return seen.harm ? 45 : 30;
  if (has("ticks")) return seen.free ? 65 : 25;
  if (has("lag")) return seen.free ? 35 : 5;
  return 10;
}

std::string caption_of(const std::string& picture) {
  const std::string stem = stem_of(picture);
  if (stem.starts_with(kOfACell)) return "three ledgers of " + stem.substr(kOfACell.size());
  for (const auto& [name, caption] : kCaptions) {
    if (stem == name) return std::string(caption);
  }
  std::string words = stem;
  std::replace_if(
      words.begin(), words.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
  return words;
}

// File names of a run folder that came from elsewhere may hold anything.
std::string link_to(const std::string& picture) {
  return fmt::format("[{}]({})", escape::markdown(caption_of(picture)), escape::markdown_target(picture));
}

}  // namespace

Gallery chosen_pictures(const Json& summary, std::vector<std::string> pictures, std::size_t most) {
  Seen seen = seen_in_run(summary);
  seen.rows_over_time = std::any_of(pictures.begin(), pictures.end(), [](const std::string& picture) {
    return stem_of(picture) == kRowsOverTime;
  });
  std::sort(pictures.begin(), pictures.end());
  std::vector<std::pair<int, std::string>> weighed;
  for (std::string& picture : pictures) {
    const int weight = weight_of(summary, seen, stem_of(picture));
    weighed.emplace_back(weight, std::move(picture));
  }
  std::stable_sort(weighed.begin(), weighed.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  Gallery gallery;
  for (auto& [weight, picture] : weighed) {
    (gallery.shown.size() < most ? gallery.shown : gallery.others).push_back(std::move(picture));
  }
  std::sort(gallery.others.begin(), gallery.others.end());
  return gallery;
}

std::string pictures_section(const Gallery& gallery) {
  if (gallery.shown.empty()) return {};
  std::string text = "## Pictures\n";
  for (const std::string& picture : gallery.shown) {
    text += fmt::format("\n!{}\n", link_to(picture));
  }
  return text;
}

std::string other_pictures(const Gallery& gallery) {
  std::vector<std::string> links;
  for (const std::string& picture : gallery.others) {
    links.push_back(link_to(picture));
  }
  return bullets(links, kMostLinks);
}

}  // namespace walsoak::report
