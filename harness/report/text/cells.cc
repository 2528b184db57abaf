#include "harness/report/text/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "harness/model/vocabulary/findings.h"
#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

constexpr std::size_t kMostAxes = 4;  // as columns of their own; more do not fit a page

bool is_more_than_none(const Json& count) {
  return count.is_number_integer() && count.get<std::int64_t>() > 0;
}

std::string code_text(const Json& code) {
  return code == 0 ? "none" : shown(code);
}

std::string growth_of(const Json& cell, const char* key) {
  const Json value = metric(cell, key);
  return is_more_than_none(value) ? "+" + shown(value) : shown(value);
}

std::string marked_name(const Json& cell, const std::string& scenario) {
  const std::string name = name_within(cell, scenario);
  return cell.value("control_of", Json()).is_null() ? name : clipped(name, kLongestValue - 1) + "*";
}

std::string most_frequent(const Cells& cells, const std::string& axis) {
  std::map<std::string, std::size_t> counts;
  for (const Json* cell : cells) ++counts[value_on(*cell, axis)];
  const auto fewer = [](const auto& a, const auto& b) { return a.second < b.second; };
  return std::max_element(counts.begin(), counts.end(), fewer)->first;
}

// How a row says what its cell has set: a column an axis, or, where there are many, one column with what is
// not as in most cells.
class SettingsColumns {
 public:
  explicit SettingsColumns(const Cells& cells) : axes_(axes_of(cells)) {
    if (axes_.size() <= kMostAxes) return;
    for (const std::string& axis : axes_) {
      if (axis != "strategy") usual_[axis] = most_frequent(cells, axis);
    }
  }

  void add_heads(std::vector<std::string>& columns) const {
    if (usual_.empty()) {
      columns.insert(columns.end(), axes_.begin(), axes_.end());
    } else {
      columns.emplace_back("settings");
    }
  }

  void add_values(std::vector<std::string>& row, const Json& cell) const {
    std::string unusual;
    for (const std::string& axis : axes_) {
      const std::string value = value_on(cell, axis);
      const auto usual = usual_.find(axis);
      if (usual_.empty()) {
        row.push_back(value);
      } else if (usual == usual_.end()) {
        unusual = value + (unusual.empty() ? "" : ", ") + unusual;
      } else if (value != usual->second) {
        unusual += fmt::format("{}{} = {}", unusual.empty() ? "" : ", ", axis, value);
      }
    }
    if (!usual_.empty()) row.push_back(unusual.empty() ? "as said above" : unusual);
  }

  // "Where a row does not say otherwise: header_check = off, ..."; "" where each axis has its column.
  std::string text() const {
    std::string text;
    for (const auto& [axis, value] : usual_) {
      text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", axis, value);
    }
    return text.empty() ? "" : fmt::format("Where a row does not say otherwise: {}.\n\n", text);
  }

 private:
  std::vector<std::string> axes_;
  std::map<std::string, std::string> usual_;  // by axis; empty: columns
};

// "0", "0 to 12", or each of a few texts: what the cells say.
std::string metric_span(const Cells& cells, const char* key) {
  std::optional<std::int64_t> least, most;
  for (const Json* cell : cells) {
    const Json value = metric(*cell, key);
    if (!value.is_number_integer()) return "?";
    const auto number = value.get<std::int64_t>();
    least = std::min(least.value_or(number), number);
    most = std::max(most.value_or(number), number);
  }
  return least == most ? fmt::format("{}", least.value_or(0)) : fmt::format("{} to {}", *least, *most);
}

template <typename Say>
std::string each_once(const Cells& cells, const Say& say) {
  std::vector<std::string> said;
  for (const Json* cell : cells) {
    std::string one = say(*cell);
    if (std::find(said.begin(), said.end(), one) == said.end()) said.push_back(std::move(one));
  }
  constexpr std::size_t kFew = 3;
  if (said.size() > kFew)
    return fmt::format("{} different, {} to {}", said.size(), said.front(), said.back());
  return listed(said, "or");
}

std::string names_within(const Cells& cells, const std::string& scenario) {
  std::vector<std::string> names;
  for (const Json* cell : cells) names.push_back(name_within(*cell, scenario));
  return listed_short(names);
}

}  // namespace

std::string growth_text(const Json& cell) {
  const char* main =
      metric(cell, "kernel_main_net_growth").is_null() ? "kernel_main_growth" : "kernel_main_net_growth";
  return fmt::format("{}/{}/{}", growth_of(cell, main), growth_of(cell, "kernel_wal_growth"),
                     growth_of(cell, "kernel_shm_growth"));
}

std::string mechanisms_text(const Json& cell) {
  std::vector<std::string> names;
  for (const Json& mechanism : cell.value("mechanisms", Json::array()))
    names.push_back(shown(mechanism.at("name")));
  return names.empty() ? "-" : listed(names, "and");
}

std::vector<std::string> errors_text(const Json& cell, std::size_t most) {
  std::vector<std::string> result;
  for (const Json& error : cell.value("errors", Json::array())) {
    if (result.size() == most) break;
    const Json app = error.value("app", Json());
    const std::string where = error.value("where", Json()).is_null() ? "" : shown(error["where"]) + ", ";
    result.push_back(fmt::format("{} x {} {} ({}in {})", shown(error.at("count")),
                                 app.is_null() ? shown(error.at("code")) : shown(app),
                                 shown(error.at("message")), where, shown(error.at("step"))));
  }
  return result;
}

bool amiss(const Json& cell) {
  const Harm harm = harm_of(cell.value("finding", std::string{}));
  if (harm == Harm::rows || harm == Harm::service) return true;
  for (const char* key : {"lost_inside", "lost_outside", "inside_error", "outside_error"}) {
    if (is_more_than_none(metric(cell, key))) return true;
  }
  return false;
}

std::string cells_table(const ScenarioCells& scenario, std::size_t most_rows) {
  const SettingsColumns settings(scenario.cells);
  std::vector<std::string> columns{"cell"};
  settings.add_heads(columns);
  for (const char* column : {"finding", "mechanisms", "verdict", "lost commits", "last closes in scope",
                             "growth main/wal/shm", "peak descriptors", "dispatch p50 (us)"}) {
    columns.emplace_back(column);
  }
  Table table(std::move(columns));
  for (const Json* cell : scenario.cells) {
    std::vector<std::string> row{marked_name(*cell, scenario.name)};
    settings.add_values(row, *cell);
    row.push_back(all_found(*cell));
    row.push_back(mechanisms_text(*cell));
    row.push_back(cell->value("verdict", std::string{}));
    row.push_back(lost_text(*cell));
    row.push_back(shown(metric(*cell, "last_closes_in_scope")));
    row.push_back(growth_text(*cell));
    row.push_back(shown(metric(*cell, "descriptors_peak")));
    row.push_back(shown(metric(*cell, "dispatch_p50_us")));
    table.add(std::move(row));
  }
  return settings.text() + folded(std::move(table), most_rows);
}

std::string outcomes_table(const ScenarioCells& scenario, std::size_t most_rows) {
  Table table({"cells", "which", "where", "finding", "mechanisms", "verdict", "lost commits",
               "last closes in scope", "growth main/wal/shm", "peak descriptors"});
  for (const OutcomeGroup& group : outcome_groups(scenario.cells)) {
    const Json& first = *group.cells.front();
    table.add({std::to_string(group.cells.size()), names_within(group.cells, scenario.name),
               group.where.empty() ? "any" : group.where, all_found(first), mechanisms_text(first),
               first.value("verdict", std::string{}), each_once(group.cells, lost_text),
               metric_span(group.cells, "last_closes_in_scope"), each_once(group.cells, growth_text),
               metric_span(group.cells, "descriptors_peak")});
  }
  return folded(std::move(table), most_rows);
}

std::string data_section(const Json& summary, std::size_t most_rows) {
  std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> rows;  // numbers, cells
  std::map<std::vector<std::string>, std::size_t> places;
  for (const Json& cell : summary.at("cells")) {
    if (!amiss(cell)) continue;
    std::vector<std::string> row;
    for (const char* key : {"acknowledged", "lost_inside", "lost_outside"}) {
      row.push_back(shown(metric(cell, key)));
    }
    row.push_back(lost_text(cell));
    row.push_back(shown(metric(cell, "integrity_failed")));
    row.push_back(code_text(metric(cell, "inside_error")));
    row.push_back(code_text(metric(cell, "outside_error")));
    const auto [place, is_new] = places.try_emplace(row, rows.size());
    if (is_new) rows.push_back({std::move(row), {}});
    rows[place->second].second.push_back(name_of(cell));
  }
  if (rows.empty()) return {};
  Table table({"cells", "acknowledged", "lost, from inside", "lost, from outside", "lost for good",
               "boards not sound", "error inside", "error outside"});
  for (auto& [numbers, cells] : rows) {
    numbers.insert(numbers.begin(), listed_cells(cells));
    table.add(std::move(numbers));
  }
  return "## The data, from inside and outside\n\nCommits that a writer had acknowledged, and how many of "
         "them the dispatcher's own process (inside), another process (outside) and the final copy of the "
         "files "
         "(for good) lack; cells in which neither rows nor passes were harmed are left out. `?`: nobody "
         "could "
         "look, or the look failed with the error beside it.\n\n" +
         folded(std::move(table), most_rows);
}

}  // namespace walsoak::report
