#include "harness/model/scenario/list.h"

#include <gmock/gmock.h>

#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

namespace fs = std::filesystem;

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

// In a folder `scenarios`, as walsoak's own lie; its parent is what paths are written from.
class FindScenario : public ScenarioFiles {
 protected:
  void SetUp() override {
    ScenarioFiles::SetUp();
    write("scenarios/quick.json", R"({"schema_version": 1, "title": "Q"})");
    write("scenarios/field/29610.json", R"({"schema_version": 1, "name": "field-29610", "title": "F"})");
    write("scenarios/fixes.json", "{}");
  }
  fs::path home() const { return folder_ / "scenarios"; }
  std::string found(const std::string& asked) const {
    return find_scenario(asked, home()).lexically_relative(folder_).string();
  }
};

TEST_F(FindScenario, ByItsNameOrItsPathFromAboveOrWithin) {
  for (const char* asked : {"quick", "quick.json", "scenarios/quick", "scenarios/quick.json"})
    EXPECT_EQ(found(asked), "scenarios/quick.json") << asked;
  for (const char* asked : {"field/29610", "field/29610.json", "field-29610", "scenarios/field/29610.json"})
    EXPECT_EQ(found(asked), "scenarios/field/29610.json") << asked;
}

TEST_F(FindScenario, AFileOfThatPathComesFirstAndAFolderDoesNot) {
  write("quick", "{}");
  EXPECT_EQ(found(folder_ / "quick"), "quick");
  EXPECT_EQ(find_scenario("/dev/null", home()), "/dev/null");
  const fs::path before = fs::current_path();
  fs::create_directories(folder_ / "here/quick");
  fs::current_path(folder_ / "here");
  const std::string beside_a_folder = found("quick");
  fs::current_path(before);
  EXPECT_EQ(beside_a_folder, "scenarios/quick.json");
}

TEST_F(FindScenario, SuggestsTheNearestOfWhatIsNone) {
  const std::string shown = "valid: what walsoak list scenarios shows";
  const std::string none = ": no such file, and no scenario of that name; ";
  EXPECT_EQ(error_from([&] { found("quik"); }), "quik" + none + "did you mean \"quick\"? " + shown);
  EXPECT_EQ(error_from([&] { found("scenarios/quik.json"); }),
            "scenarios/quik.json" + none + "did you mean \"quick\"? " + shown);
  EXPECT_EQ(error_from([&] { found("field/29601"); }),
            "field/29601" + none + "did you mean \"field/29610\"? " + shown);
  EXPECT_EQ(error_from([&] { found("nothing-like-it"); }), "nothing-like-it" + none + shown);
  EXPECT_EQ(error_from([&] { found("fixes"); }).substr(0, 15), "fixes: no such ");
  EXPECT_EQ(error_from([&] { found("/"); }), "/: is a folder; " + shown);
}

}  // namespace
}  // namespace walsoak::scenario
