#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/evidence/facts/facts.h"
#include "harness/field/rows/line_time.h"
#include "harness/judgement/finding/finding.h"
#include "tests/watch/listed.h"

namespace walsoak::watch {
namespace {

using nlohmann::ordered_json;
using tests::samples_of;
using tests::stream_of_listing;

std::string connections(int count, const std::string& before = {}) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += before + "python3 4711 u " + std::to_string(3 + 2 * i) + "u REG 8,1 4096 201 /home/u/k.db\n";
    text += before + "python3 4711 u " + std::to_string(4 + 2 * i) + "u REG 8,1 4096 202 /home/u/k.db-wal\n";
  }
  return text + before + "python3 4711 u 99u REG 8,1 32768 203 /home/u/k.db-shm\n";
}

std::vector<std::int64_t> mains_of(const std::string& text) {
  std::vector<std::int64_t> mains;
  for (const ordered_json& sample : samples_of(text))
    mains.push_back(sample["boards"]["db1"]["kernel_main"].get<std::int64_t>());
  return mains;
}

std::vector<std::int64_t> seconds_of(const std::string& text) {
  std::vector<std::int64_t> seconds;
  for (const ordered_json& sample : samples_of(text))
    seconds.push_back(sample["t_us"].get<std::int64_t>() / 1000000);
  return seconds;
}

std::string spacing_of(const std::string& text) {
  return stream_of_listing(text).at(0)["settings"]["spacing"];
}

using Numbers = std::vector<std::int64_t>;

TEST(ListingSamples, PartedByDates) {
  const std::string text =
      "Fri May 22 23:59:30 CEST 2026\n" + connections(1) + "Sat May 23 00:00:30 CEST 2026\n" + connections(2);
  EXPECT_EQ(mains_of(text), (Numbers{1, 2}));
  EXPECT_EQ(seconds_of(text), (Numbers{0, 60}));
  EXPECT_EQ(spacing_of(text), "known");
}

TEST(ListingSamples, PartedByTheirHeadings) {
  const std::string heading = "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\n";
  const std::string text = heading + connections(1) + heading + connections(3);
  EXPECT_EQ(mains_of(text), (Numbers{1, 3}));
  EXPECT_EQ(spacing_of(text), "unknown");
  EXPECT_EQ(seconds_of(text), (Numbers{0, 0}));
}

TEST(ListingSamples, PartedByBlankLinesAndByNothing) {
  EXPECT_EQ(mains_of(connections(1) + "\n" + connections(2)), (Numbers{1, 2}));
  EXPECT_EQ(mains_of(connections(1) + connections(2) + connections(3)), (Numbers{1, 2, 3}));
}

TEST(ListingSamples, ABlankLineWithinAListingPartsNothing) {
  EXPECT_EQ(mains_of("python3 4711 u 3u REG 8,1 4096 201 /home/u/k.db\n\n"
                     "python3 4711 u 4u REG 8,1 4096 202 /home/u/k.db-wal\n"),
            (Numbers{1}));
}

TEST(ListingSamples, OfWatch) {
  const auto heading = [](const std::string& time) {
    return "Every 60.0s: lsof -p 4711 | grep k.db        gateway: Fri May 22 " + time + " 2026\n\n";
  };
  const std::string text = heading("03:00:00") + connections(1) + heading("03:01:00") + connections(2);
  EXPECT_EQ(mains_of(text), (Numbers{1, 2}));
  EXPECT_EQ(seconds_of(text), (Numbers{0, 60}));
  // A screen that is full may not have had room for all.
  EXPECT_TRUE(
      samples_of(heading("03:00:00") + connections(12)).at(0)["boards"]["db1"]["kernel_main"].is_null());
}

TEST(ListingSamples, OfLinesWithTimestamps) {
  const std::string text =
      connections(1, "2026-05-22T03:00:00.250Z ") + connections(2, "2026-05-22T03:01:00.750Z ");
  EXPECT_EQ(mains_of(text), (Numbers{1, 2}));
  EXPECT_EQ(samples_of(text).at(1)["t_us"], 60500000);
}

TEST(ListingSamples, OfLsofRepeating) {
  const std::string text = connections(1) + "====23:59:59====\n" + connections(2) + "====00:00:59====\n";
  EXPECT_EQ(mains_of(text), (Numbers{1, 2}));
  EXPECT_EQ(seconds_of(text), (Numbers{0, 60}));
}

TEST(ListingSamples, TheTimeOfALinkIsNotTheListings) {
  const std::string link =
      "lrwx------ 1 u u 64 2026-05-22 03:00:00.5 +0200 3 -> /home/u/k.db\n"
      "lrwx------ 1 u u 64 2026-05-22 03:00:00.5 +0200 4 -> /home/u/k.db-wal\n";
  EXPECT_EQ(spacing_of("total 0\n" + link + "total 0\n" + link), "unknown");
}

TEST(ListingSamples, OneTimeMissingLeavesTheSpacingUnknown) {
  EXPECT_EQ(spacing_of("Fri May 22 03:00:00 2026\n" + connections(1) + "\n" + connections(2)), "unknown");
  EXPECT_EQ(spacing_of("Fri May 22 03:00:00 2026\n" + connections(1) + "Fri May 22 02:00:00 2026\n" +
                       connections(2)),
            "unknown");
}

TEST(ListingSamples, ADatabaseThatAppearsLaterIsAnEvent) {
  const auto lines = stream_of_listing(connections(1) + "\n" + connections(1) +
                                       "python3 4711 u 100u REG 8,1 4096 302 /home/u/other.db-wal\n");
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[2]["event"], "database");
  EXPECT_EQ(lines[2]["path"], "/home/u/other.db");
  EXPECT_EQ(lines[2]["tick"], 1);
  EXPECT_FALSE(lines[1]["boards"].contains("db2"));
  EXPECT_EQ(lines[3]["boards"]["db2"]["kernel_wal"], 1);
}

TEST(ListingSamples, FactsTakeThem) {
  facts::CellFacts facts;
  std::string text;
  for (int i = 1; i <= 6; ++i) text += connections(i) + "\n";
  for (const ordered_json& line : stream_of_listing(text)) facts.accept(line);
  EXPECT_TRUE(facts.watched());
  EXPECT_EQ(facts.interrupted(), "");
  EXPECT_EQ(facts.series().growth(facts::Key::kernel_wal), 5);
  EXPECT_EQ(facts.watched_facts().samples(), 6);
}

TEST(ListingTime, Forms) {
  const auto us = [](const char* line) { return time_in(line).value_or(Moment{-1, false}).us; };
  constexpr std::int64_t kDay = 1779408000000000;  // 2026-05-22
  EXPECT_EQ(us("Fri May 22 03:00:01 CEST 2026"), kDay + 10801000000);
  EXPECT_EQ(us("Fri 22 May 2026 03:00:01 PM UTC"), kDay + 54001000000);
  EXPECT_EQ(us("Fri May 22 12:00:01 AM UTC 2026"), kDay + 1000000);
  EXPECT_EQ(us("[2026-05-22 03:00:01,5] sample"), kDay + 10801500000);
  EXPECT_EQ(us("1779418801"), kDay + 10801000000);
  EXPECT_EQ(us("[03:00:01]"), 10801000000);
  EXPECT_EQ(us("127.0.0.1:8080 1:2:3 25:00:00 00:11:22:33"), -1);
}

}  // namespace
}  // namespace walsoak::watch
