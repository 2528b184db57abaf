#include "harness/judgement/review/sample_digest.h"
#include "tests/os/sanitized.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace walsoak::review {
namespace {

using nlohmann::ordered_json;
using testing::Each;
using testing::ElementsAre;

ordered_json sample(int tick) {
  return {{"type", "sample"},
          {"tick", tick},
          {"quiet", true},
          {"boards", {{"b01", {{"kernel_main", tick}}}, {"b02", {{"kernel_main", 1}}}}},
          {"process", {{"descriptors", 10}}}};
}

SampleDigest of_samples(int count, std::size_t most) {
  SampleDigest digest(most);
  digest.accept({{"type", "header"}, {"settings", ordered_json::object()}});
  for (int tick = 0; tick < count; ++tick) digest.accept(sample(tick));
  return digest;
}

std::vector<int> ticks(const ordered_json& digest) {
  std::vector<int> result;
  for (const ordered_json& row : digest["rows"]) result.push_back(row[0].get<int>());
  return result;
}

TEST(SampleDigest, SumsOverTheBoardsAndLeavesOutWhatNobodyCounted) {
  const ordered_json digest = of_samples(2, 8).json();
  EXPECT_EQ(digest.dump(), R"({"of":2,"columns":["tick","quiet","kernel_main","descriptors"],)"
                           R"("rows":[[0,true,1,10],[1,true,2,10]]})");
}

TEST(SampleDigest, KeepsFewEvenlySpreadAndTheLast) {
  EXPECT_THAT(ticks(of_samples(5, 4).json()), ElementsAre(0, 2, 4));
  EXPECT_THAT(ticks(of_samples(6, 4).json()), ElementsAre(0, 2, 4, 5));
  EXPECT_THAT(ticks(of_samples(1000, 4).json()), ElementsAre(0, 256, 512, 768, 999));
}

TEST(SampleDigest, DoesNotGrowWithTheStream) {
  for (int count = 1; count < 300; count += tests::kSanitized ? 13 : 1) {
    const ordered_json digest = of_samples(count, 7).json();
    ASSERT_LE(digest["rows"].size(), 8U) << count;
    ASSERT_EQ(digest["of"], count);
    ASSERT_EQ(ticks(digest).front(), 0) << count;
    ASSERT_EQ(ticks(digest).back(), count - 1) << count;
  }
}

TEST(SampleDigest, ReadsTheColumnsOfAFreeRunningCell) {
  SampleDigest digest(4);
  digest.accept({{"type", "header"},
                 {"settings", {{"mode", "free"}}},
                 {"columns", {"kernel_wal", "of another version"}}});
  digest.accept(
      {{"type", "sample"}, {"tick", 3}, {"quiet", false}, {"boards", {{"b01", {4, 99}}}}, {"process", {}}});
  EXPECT_EQ(digest.json()["columns"].dump(), R"(["tick","quiet","kernel_wal"])");
  EXPECT_EQ(digest.json()["rows"].dump(), "[[3,false,4]]");
}

TEST(SampleDigest, IsNullWithoutSamples) {
  EXPECT_TRUE(of_samples(0, 4).json().is_null());
  EXPECT_TRUE(samples_of("/no/such/stream.jsonl", 4).is_null());
}

}  // namespace
}  // namespace walsoak::review
