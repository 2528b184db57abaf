// Where growth is counted from and to, peaks, parked descriptors, and the phase of a collector.
#include "harness/evidence/facts/series.h"

#include <gtest/gtest.h>

#include "tests/facts/builders.h"

namespace walsoak::facts {
namespace {

using testing::board;
using testing::Json;
using testing::sample;

SampleSeries series_of(const Phase& phase, const std::vector<Json>& samples) {
  SampleSeries series;
  series.set_phase(phase);
  for (const Json& line : samples) series.accept(Sample::from_json(line));
  return series;
}

TEST(SeriesTest, FirstIsTheLastTickOfTheWarmUp) {
  const SampleSeries series = series_of({.warmup_ticks = 2}, {sample(-1, {board(0)}), sample(0, {board(1)}),
                                                              sample(1, {board(2)}), sample(2, {board(5)})});
  EXPECT_EQ(series.first().tick, 1);
  EXPECT_EQ(series.growth(Key::kernel_wal), 3);
}

TEST(SeriesTest, WithoutWarmUpItIsTheSampleBeforeTheFirstTick) {
  const SampleSeries series = series_of({.warmup_ticks = 0}, {sample(-1, {board(0)}), sample(0, {board(4)})});
  EXPECT_EQ(series.first().tick, -1);
  EXPECT_EQ(series.growth(Key::api_open), 4);
}

TEST(SeriesTest, BoardsAreSummed) {
  const SampleSeries series = series_of({}, {sample(0, {board(1), board(2), board(4)})});
  EXPECT_EQ(series.last().total[Key::kernel_main], 7);
  EXPECT_EQ(series.last().boards.at("b02")[Key::kernel_main], 2);
}

TEST(SeriesTest, OneUnknownBoardMakesTheSumUnknown) {
  const SampleSeries series = series_of({}, {sample(0, {board(1), board(2, {{"kernel_wal", nullptr}})})});
  EXPECT_EQ(series.last().total[Key::kernel_wal], std::nullopt);
  EXPECT_EQ(series.last().total[Key::kernel_main], 3);
}

TEST(SeriesTest, PeaksCountWarmUpAndLoudSamplesToo) {
  Json loud = sample(3, {board(9)});
  loud["quiet"] = false;
  const SampleSeries series = series_of(
      {.warmup_ticks = 2}, {sample(0, {board(7)}), sample(1, {board(1)}), loud, sample(4, {board(2)})});
  EXPECT_EQ(series.peak(Key::kernel_main), 9);
  EXPECT_EQ(series.last().tick, 4);
  EXPECT_EQ(series.counted(), 2);
}

TEST(SeriesTest, APeakWithAGapIsUnknownButForFilesThatAreNotThere) {
  const SampleSeries series = series_of(
      {}, {sample(0, {board(1, {{"wal_bytes", 32}})}), sample(1, {board(1, {{"kernel_main", nullptr}})})});
  EXPECT_EQ(series.peak(Key::kernel_main), std::nullopt);
  EXPECT_EQ(series.peak(Key::wal_bytes), 32);
}

TEST(SeriesTest, AProcessPeakIsTheHighestSeen) {
  Json high = sample(1, {board(1)});
  high["process"]["descriptors"] = 40;
  const SampleSeries series = series_of({}, {sample(0, {board(1)}), high, sample(2, {board(1)})});
  EXPECT_EQ(series.peak(ProcessKey::descriptors), 40);
}

TEST(SeriesTest, WithACollectorEveryThreeTicksOnlyTheSamePhaseIsCompared) {
  // 1, 2, then a collection at the end of ticks 2 and 5.
  const SampleSeries series =
      series_of({.warmup_ticks = 0, .collector_every = 3},
                {sample(-1, {board(0)}), sample(0, {board(1)}), sample(1, {board(2)}), sample(2, {board(0)}),
                 sample(3, {board(1)}), sample(4, {board(2)}), sample(5, {board(0)})});
  ASSERT_EQ(series.counted(), 2);
  EXPECT_EQ(series.first().tick, 2);
  EXPECT_EQ(series.last().tick, 5);
  EXPECT_EQ(series.growth(Key::api_open), 0);
  EXPECT_EQ(series.api_open_between(), 2);
  EXPECT_EQ(series.api_open_counted(), 0);
}

// Parked descriptors: SQLite keeps main descriptors back, within the peak of those that were open at once.

Counts derived(const Json& values) {
  return Sample::from_json(sample(0, {values})).total;
}

TEST(ParkedTest, WithinThePeakTheyAreLeftOut) {
  const Counts counts = derived(board(1, {{"kernel_main", 3}, {"vfs_main_peak", 4}}));
  EXPECT_EQ(counts[Key::parked], 2);
  EXPECT_EQ(counts[Key::kernel_main_net], 1);
  EXPECT_EQ(counts[Key::descriptors_net], 1 + 1 + 1);
}

TEST(ParkedTest, BeyondThePeakTheyCount) {
  const Counts counts = derived(board(1, {{"kernel_main", 9}, {"vfs_main_peak", 4}}));
  EXPECT_EQ(counts[Key::parked], 8);
  EXPECT_EQ(counts[Key::kernel_main_net], 9 - 3);
}

TEST(ParkedTest, NothingIsParkedWhereNothingIsOpen) {
  const Counts counts = derived(board(0, {{"kernel_main", 2}, {"vfs_main_peak", 4}}));
  EXPECT_EQ(counts[Key::kernel_main_net], 2);
}

TEST(ParkedTest, FewerThanAreOpenIsNotNegativelyParked) {
  EXPECT_EQ(derived(board(3, {{"kernel_main", 2}}))[Key::kernel_main_net], 2);
}

TEST(ParkedTest, WithoutAVfsLedgerTheApiStandsIn) {
  const Json no_vfs = {{"vfs_main", nullptr}, {"vfs_main_peak", nullptr}, {"kernel_main", 3}};
  EXPECT_EQ(derived(board(1, no_vfs))[Key::kernel_main_net], 1);
  EXPECT_EQ(derived(board(0, no_vfs))[Key::kernel_main_net], 3);
}

TEST(ParkedTest, WithoutBothLedgersItIsUnknown) {
  const Counts counts = derived(board(1, {{"vfs_main", nullptr}, {"api_open", nullptr}}));
  EXPECT_EQ(counts[Key::parked], std::nullopt);
  EXPECT_EQ(counts[Key::descriptors_net], std::nullopt);
}

}  // namespace
}  // namespace walsoak::facts
