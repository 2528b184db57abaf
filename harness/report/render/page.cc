#include "harness/report/render/page.h"

#include <algorithm>
#include <numeric>

#include "harness/base/escape/escape.h"
#include "harness/evidence/record/redact.h"
#include "harness/model/vocabulary/findings.h"
#include "harness/report/text/phrases.h"
#include "harness/report/text/privacy.h"

namespace walsoak::report {
namespace {

using Json = nlohmann::ordered_json;

std::size_t rank(const Json& cell) {
  return harm_rank(cell.value("finding", std::string{}));
}

// Places in `cells` of those that are told in detail, in the order of the run.
std::vector<std::size_t> in_detail(const Json& cells) {
  std::vector<std::size_t> places(cells.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (places.size() <= kMostDetailedCells) return places;
  std::stable_sort(places.begin(), places.end(),
                   [&cells](auto a, auto b) { return rank(cells[a]) < rank(cells[b]); });
  places.resize(kMostDetailedCells);
  std::sort(places.begin(), places.end());
  return places;
}

}  // namespace

Json page(const Json& stored, const Sources& sources, Names names, const SamplesOf& samples_of) {
  const Json summary = names == Names::redacted ? without_private_names(stored) : stored;
  const Json& all = summary.at("cells");
  Json cells = Json::array();
  for (const std::size_t place : in_detail(all)) {
    Json cell = all[place];
    cell["samples"] = samples_of(cell.at("cell").get<std::string>());
    cells.push_back(std::move(cell));
  }
  Json result = {{"run", summary.value("run", std::string{})},
                 {"walsoak", summary.value("walsoak", std::string{})},
                 {"state", summary.value("state", std::string{})},
                 {"cells_left_out", all.size() - cells.size()},
                 {"cells", std::move(cells)}};
  if (names == Names::redacted) {
    result = record::redact_json(result, record::identity_of(summary.value("environment", Json::object())));
  }
  result = escape::visible_document(result);
  result["markdown"] = report_markdown(stored, sources, names, kLongestPage);
  return result;
}

}  // namespace walsoak::report
