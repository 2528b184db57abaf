#include "harness/report/render/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "harness/evidence/record/run_files.h"
#include "harness/report/text/phrases.h"

namespace walsoak::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Json no_samples(const std::string&) {
  return nullptr;
}

Json small_summary() {
  return record::read_summary(std::filesystem::path(WALSOAK_FIXTURES) / "run-small");
}

TEST(Page, HoldsTheTextOfTheReportAndEachCellWithItsSamples) {
  const Json summary = small_summary();
  const Json made =
      page(summary, {{"pictures/churn.png"}, {}, {}}, Names::redacted, [](const std::string& cell) {
        return Json{{"of", cell}};
      });
  EXPECT_EQ(made["markdown"], report_markdown(summary, {{"pictures/churn.png"}, {}, {}}));
  ASSERT_EQ(made["cells"].size(), summary["cells"].size());
  for (std::size_t i = 0; i < made["cells"].size(); ++i) {
    Json cell = made["cells"][i];
    EXPECT_EQ(cell["samples"]["of"], summary["cells"][i]["cell"]);
    cell.erase("samples");
    EXPECT_EQ(cell, summary["cells"][i]);
  }
  EXPECT_EQ(made["cells_left_out"], 0);
}

TEST(Page, IsRedactedWholeUnlessNamesAreAskedFor) {
  Json summary = small_summary();
  summary["environment"] = {{"hostname", "tall-tower"}, {"user", "kimberly"}, {"home", "/home/kimberly"}};
  summary["cells"][0]["settings"]["board_template"] = "/srv/acme/salaries.db";
  summary["cells"][0]["evidence"] = {
      "tall-tower: kimberly opened /srv/acme/salaries.db and /home/kimberly/x"};
  const std::string redacted = page(summary, {}, Names::redacted, no_samples).dump();
  for (const char* name : {"tall-tower", "kimberly", "salaries"}) {
    EXPECT_THAT(redacted, Not(HasSubstr(name)));
  }
  EXPECT_THAT(redacted, HasSubstr("HOST: USER opened db1 and ~/x"));
  EXPECT_THAT(page(summary, {}, Names::shown, no_samples).dump(), HasSubstr("tall-tower: kimberly opened"));
}

TEST(Page, OfManyCellsTellsTheWorstInDetailInTheOrderOfTheRun) {
  Json summary = small_summary();
  Json clean = summary["cells"][0], worst = summary["cells"][2];
  ASSERT_EQ(worst["finding"], "data loss");
  clean["finding"] = "clean";
  summary["cells"] = Json::array();
  for (std::size_t i = 0; i < kMostDetailedCells + 5; ++i) {
    Json cell = i % 2 == 0 ? clean : worst;
    cell["cell"] = "c" + std::to_string(1000 + i);
    summary["cells"].push_back(cell);
  }
  const Json made = page(summary, {}, Names::redacted, no_samples);
  ASSERT_EQ(made["cells"].size(), kMostDetailedCells);
  EXPECT_EQ(made["cells_left_out"], 5);
  std::vector<std::string> names;
  std::size_t lost = 0;
  for (const Json& cell : made["cells"]) {
    names.push_back(cell["cell"]);
    lost += cell["finding"] == "data loss" ? 1 : 0;
  }
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(lost, (kMostDetailedCells + 5) / 2);
  // The table has those that are not told in detail, too.
  for (const Json& cell : summary["cells"]) {
    EXPECT_THAT(made["markdown"].get<std::string>(), HasSubstr(cell["cell"].get<std::string>()));
  }
}

}  // namespace
}  // namespace walsoak::report
