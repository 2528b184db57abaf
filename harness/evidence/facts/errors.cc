#include "harness/evidence/facts/errors.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/shared/json_text.h"

namespace walsoak::facts {
namespace {

using nlohmann::ordered_json;

// Messages may carry what differs from one to the next; past so many rows they are counted together.
constexpr std::size_t kMostRows = 40;

// Workers, dashboards and outside writers, of which there are many, are counted as one each.
std::string_view kind_of(std::string_view actor) {
  for (const std::string_view single : {"subject", "checker", "dispatcher-2"}) {
    if (actor == single) return single;
  }
  for (const std::string_view many : {"dashboard", "outside"}) {
    if (actor.starts_with(many)) return many;
  }
  return "worker";
}

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

}  // namespace

void ErrorTable::accept(const ordered_json& error, const std::string& step, const std::string& actor,
                        std::int64_t count) {
  if (!error.is_object() || count <= 0) return;
  const std::string who(kind_of(actor));
  const auto code = error.find("code");
  const std::int64_t number =
      code != error.end() && code->is_number_integer() ? code->get<std::int64_t>() : 0;
  const std::string app = text_of(error, "app");
  Row row{number, text_of(error, "message"), text_of(error, "where"), app, step, who};
  if (counts_.size() >= kMostRows && !counts_.contains(row))
    row = {number, "(other messages)", "", app, step, who};
  counts_[std::move(row)] += count;
}

ordered_json ErrorTable::to_json() const {
  std::vector<std::pair<Row, std::int64_t>> rows(counts_.begin(), counts_.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  ordered_json result = ordered_json::array();
  for (const auto& [row, count] : rows) {
    const auto& [code, message, where, app, step, actor] = row;
    result.push_back({{"code", code},
                      {"message", message},
                      {"where", text_or_null(where)},
                      {"app", text_or_null(app)},
                      {"step", step},
                      {"actor", actor},
                      {"count", count}});
  }
  return result;
}

std::int64_t ErrorTable::with_primary_code(std::int64_t code) const {
  constexpr std::int64_t kPrimary = 0xff;  // SQLite's extended codes carry the primary one in the low byte
  std::int64_t sum = 0;
  for (const auto& [row, count] : counts_) sum += (std::get<0>(row) & kPrimary) == code ? count : 0;
  return sum;
}

std::int64_t ErrorTable::with_app(const std::string& app) const {
  std::int64_t sum = 0;
  for (const auto& [row, count] : counts_) sum += std::get<3>(row) == app ? count : 0;
  return sum;
}

}  // namespace walsoak::facts
