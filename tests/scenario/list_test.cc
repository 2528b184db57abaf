#include "harness/scenario/list.h"

#include <gmock/gmock.h>

#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

class ListScenarios : public ScenarioFiles {};

TEST_F(ListScenarios, FindsThemInEveryFolderBelow) {
  write("b.json", R"({"schema_version": 1, "title": "B"})");
  write("field/29610.json",
        R"({"schema_version": 1, "name": "field-29610", "title": "F", "settings": {"odd": 1}})");
  write("fixes.json", "no JSON at all");
  write("field/fixes.json", "{}");
  write("scenario.schema.json", "{}");
  write("README.md", "");
  std::vector<std::string> found;
  for (const ScenarioListing& listing : list_scenarios(folder_)) {
    found.push_back(listing.name + ": " + listing.title + ", " +
                    listing.path.lexically_relative(folder_).string());
  }
  EXPECT_THAT(found, testing::ElementsAre("b: B, b.json", "field-29610: F, field/29610.json"));
}

TEST_F(ListScenarios, NamesTheFileThatIsNone) {
  write("x.json", "[]");
  EXPECT_EQ(error_from([&] { list_scenarios(folder_); }),
            "x.json: [] is of the wrong type; valid: an object");
}

TEST_F(ListScenarios, RefusesAFolderThatIsNotThere) {
  EXPECT_EQ(error_from([&] { list_scenarios(folder_ / "none"); }),
            "none: cannot be read: No such file or directory; valid: a folder of scenarios");
}

}  // namespace
}  // namespace walsoak::scenario
