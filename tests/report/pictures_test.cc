// Which four pictures a report shows.
#include "harness/report/blocks/pictures.h"

#include <gmock/gmock.h>

namespace walsoak::report {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::vector<std::string> kAll{
    "pictures/churn.png",       "pictures/descriptors.png", "pictures/findings.png",
    "pictures/lag.png",         "pictures/ticks.png",       "pictures/ledgers-c01.png",
    "pictures/ledgers-c02.png", "pictures/rows.png",        "pictures/sidecars.png"};

Json run_with(const char* first, const char* second, const Json& settings = Json::object()) {
  Json summary = {{"cells", Json::array()}};
  for (const auto& [name, finding] : {std::pair{"c01", first}, std::pair{"c02", second}}) {
    summary["cells"].push_back(
        {{"cell", name}, {"finding", finding}, {"settings", settings}, {"differs", settings}});
  }
  return summary;
}

TEST(PicturesTest, WhereDataWasLostRowsAndTheWorstCellAreShown) {
  const Gallery gallery = chosen_pictures(run_with("clean", "data loss"), kAll);
  EXPECT_THAT(gallery.shown, ElementsAre("pictures/rows.png", "pictures/findings.png",
                                         "pictures/ledgers-c02.png", "pictures/descriptors.png"));
  EXPECT_THAT(gallery.others, SizeIs(kAll.size() - kMostPictures));
  EXPECT_THAT(gallery.others, Contains("pictures/ledgers-c01.png"));
}

TEST(PicturesTest, RowsOverTimeTakeThePlaceOfThoseAtTheEnd) {
  std::vector<std::string> pictures = kAll;
  pictures.push_back("pictures/rows-over-time.png");
  const Gallery gallery = chosen_pictures(run_with("clean", "data loss"), pictures);
  EXPECT_EQ(gallery.shown.front(), "pictures/rows-over-time.png");
  EXPECT_THAT(gallery.others, Contains("pictures/rows.png"));
  EXPECT_EQ(pictures_section({{"pictures/rows-over-time.png"}, {}}),
            "## Pictures\n\n![rows acknowledged, and seen inside and outside, over time]"
            "(pictures/rows-over-time.png)\n");
}

TEST(PicturesTest, ALeakShowsDescriptorsFirst) {
  EXPECT_EQ(chosen_pictures(run_with("leak", "clean"), kAll).shown.front(), "pictures/descriptors.png");
}

TEST(PicturesTest, WhereNothingIsWrongChurnAndDescriptorsAreShown) {
  const auto shown = chosen_pictures(run_with("churn", "clean"), kAll).shown;
  EXPECT_THAT(shown, Contains("pictures/churn.png"));
  EXPECT_THAT(shown, Contains("pictures/descriptors.png"));
  EXPECT_THAT(shown, Not(Contains("pictures/rows.png")));
}

TEST(PicturesTest, ASoakShowsItsLatencies) {
  EXPECT_THAT(chosen_pictures(run_with("churn", "churn", {{"mode", "free"}}), kAll).shown,
              Contains("pictures/ticks.png"));
}

TEST(PicturesTest, ARunOfVersionsShowsItsMapFirst) {
  EXPECT_EQ(chosen_pictures(run_with("leak", "clean", {{"sqlite.worker", "3.40.1"}}),
                            {"p/descriptors.png", "p/versions.png"})
                .shown.front(),
            "p/versions.png");
}

TEST(PicturesTest, FewPicturesAreAllShownAndNoneMakeNoSection) {
  const Gallery gallery = chosen_pictures(run_with("clean", "clean"), {"p/x_y.png"});
  EXPECT_THAT(gallery.others, IsEmpty());
  EXPECT_EQ(pictures_section(gallery), "## Pictures\n\n![x y](p/x_y.png)\n");
  EXPECT_EQ(other_pictures(gallery), "");
  EXPECT_EQ(pictures_section(chosen_pictures(run_with("clean", "clean"), {})), "");
}

TEST(PicturesTest, WhatTheyShowIsSaidInWords) {
  EXPECT_EQ(pictures_section({{"pictures/rows.png", "pictures/ledgers-quick.c01.png"}, {}}),
            "## Pictures\n\n![rows acknowledged, and seen inside and outside](pictures/rows.png)\n"
            "\n![three ledgers of quick.c01](pictures/ledgers-quick.c01.png)\n");
}

TEST(PicturesTest, OthersAreLinked) {
  EXPECT_EQ(other_pictures({{}, {"pictures/ledgers-c01.png"}}),
            "- [three ledgers of c01](pictures/ledgers-c01.png)\n");
}

}  // namespace
}  // namespace walsoak::report
