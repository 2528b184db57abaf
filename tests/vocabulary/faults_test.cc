// Lists of faults: what is refused and what the line says, what the seed draws, and how a list reads.
#include "harness/model/vocabulary/faults.h"

#include <gmock/gmock.h>

#include <set>

#include "harness/model/vocabulary/settings.h"

namespace walsoak {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::vector<std::string> kBoards = {"b01", "b02", "b03", "b04"};

std::string why(const char* fault) {
  return why_no_faults(json::array({json::parse(fault)}));
}

Fault only(const char* fault, std::uint64_t seed = 1) {
  return faults_of(json::array({json::parse(fault)}), kBoards, seed).front();
}

TEST(Faults, TheEmptyListIsOneAndOtherValuesAreNone) {
  EXPECT_EQ(why_no_faults(json::array()), "");
  for (const char* value : {"{}", "\"worker-kill\"", "null", "3"}) {
    EXPECT_THAT(why_no_faults(json::parse(value)), StartsWith("valid: a list of faults, as [{")) << value;
  }
  EXPECT_EQ(why("\"worker-kill\""), "valid: each an object with \"fault\" and \"at_tick\"");
  EXPECT_EQ(why(R"({"at_tick": 3})"), "valid: each an object with \"fault\" and \"at_tick\"");
}

TEST(Faults, EveryNameIsValidWithItsTickAndAnUnknownOneNamesThem) {
  for (const FaultInfo& info : faults_table()) {
    json fault = {{"fault", info.name}, {"at_tick", 4}};
    if (info.name == "fd-limit") fault["soft"] = 64;
    if (info.name == "fork") fault["until_tick"] = 5;
    EXPECT_EQ(why_no_faults(json::array({fault})), "") << info.name;
    EXPECT_THAT(why(R"({"fault": "earthquake", "at_tick": 1})"), HasSubstr(std::string(info.name)));
  }
  EXPECT_THAT(why(R"({"fault": "earthquake", "at_tick": 1})"),
              StartsWith("there is no fault \"earthquake\"; valid: "));
  EXPECT_THAT(why(R"({"fault": 7, "at_tick": 1})"), StartsWith("there is no fault 7; valid: "));
}

TEST(Faults, EachWrongTickSaysWhatIsValid) {
  EXPECT_EQ(why(R"({"fault": "worker-kill"})"),
            "worker-kill lacks at_tick; valid: the tick before which it happens");
  const char* const ticks = "a tick from 0 to 10000000, or [first, last] for the seed to draw from";
  for (const char* at : {"-1", "1.5", "\"3\"", "[3]", "[5, 3]", "[-1, 3]", "[1, 2, 3]", "10000001", "null"}) {
    const std::string fault = R"({"fault": "worker-kill", "at_tick": )" + std::string(at) + "}";
    EXPECT_THAT(why(fault.c_str()), EndsWith(std::string(" is none; valid: ") + ticks)) << at;
  }
  EXPECT_EQ(why(R"({"fault": "disk-full", "at_tick": 5, "until_tick": 5})"),
            "disk-full: until_tick 5 is not behind at_tick; valid: from 6");
  EXPECT_EQ(why(R"({"fault": "disk-full", "at_tick": [2, 8], "until_tick": 7})"),
            "disk-full: until_tick 7 is not behind at_tick; valid: from 9");
  EXPECT_EQ(why(R"({"fault": "disk-full", "at_tick": 5, "until_tick": "x"})"),
            "disk-full: until_tick \"x\" is none; valid: a tick from 1 to 10000000");
  EXPECT_EQ(why(R"({"fault": "worker-kill", "at_tick": 5, "until_tick": 8})"),
            "worker-kill has no key \"until_tick\"; valid: fault, at_tick, count");
}

TEST(Faults, EachWrongKeyOrValueSaysWhatIsValid) {
  EXPECT_EQ(why(R"({"fault": "replace-board", "at_tick": 1, "whom": "b01"})"),
            "replace-board has no key \"whom\"; valid: fault, at_tick, board, how, sidecars, holders");
  EXPECT_EQ(why(R"({"fault": "fork", "at_tick": 1})"),
            "fork lacks until_tick, the tick before which the child writes; valid: until_tick 12, say");
  EXPECT_EQ(why(R"({"fault": "replace-board", "at_tick": 1, "how": "page"})"),
            "replace-board: how \"page\" is none; valid: rename, in-place, backup");
  EXPECT_EQ(why(R"({"fault": "corrupt-board", "at_tick": 1, "how": "rename"})"),
            "corrupt-board: how \"rename\" is none; valid: header, page");
  EXPECT_EQ(why(R"({"fault": "replace-board", "at_tick": 1, "sidecars": true})"),
            "replace-board: sidecars true is none; valid: keep, remove");
  EXPECT_EQ(why(R"({"fault": "corrupt-board", "at_tick": 1, "board": ""})"),
            "corrupt-board: board \"\" is none; valid: a name such as b01");
  EXPECT_EQ(
      why(R"({"fault": "io-error", "at_tick": 1, "operation": "unlink"})"),
      "io-error: operation \"unlink\" is none; valid: write, read, sync, truncate, open, lock, shm-map");
  EXPECT_EQ(why(R"({"fault": "disk-full", "at_tick": 1, "file": "shm"})"),
            "disk-full: file \"shm\" is none; valid: any, main, wal, journal");
  EXPECT_EQ(why(R"({"fault": "long-reader", "at_tick": 1, "where": "worker"})"),
            "long-reader: where \"worker\" is none; valid: process, subject");
}

TEST(Faults, NumbersHaveTheirBounds) {
  EXPECT_EQ(why(R"({"fault": "io-error", "at_tick": 1, "after": 0})"),
            "io-error: after 0 is none; valid: a whole number from 1 to 1000000000");
  EXPECT_EQ(why(R"({"fault": "io-error", "at_tick": 1, "count": -1})"),
            "io-error: count -1 is none; valid: a whole number from 0 to 1000000000");
  EXPECT_THAT(why(R"({"fault": "io-error", "at_tick": 1, "count": 18446744073709551615})"),
              HasSubstr("valid: a whole number"));
  EXPECT_EQ(why(R"({"fault": "worker-kill", "at_tick": 1, "count": 0})"),
            "worker-kill: count 0 is none; valid: a whole number from 1 to 1000000000");
  EXPECT_EQ(why(R"({"fault": "fd-limit", "at_tick": 1, "soft": 7})"),
            "fd-limit: soft 7 is none; valid: a whole number from 8 to 1000000000");
  EXPECT_EQ(why(R"({"fault": "fd-limit", "at_tick": 1})"),
            "fd-limit lacks soft, the limit that it sets; valid: soft 64, say");
}

TEST(Faults, AnOperationThatNeverComesToAFileIsRefused) {
  EXPECT_EQ(why(R"({"fault": "io-error", "at_tick": 1, "operation": "shm-map", "file": "wal"})"),
            "io-error: operation shm-map never comes to file wal; valid: file any, main");
  EXPECT_THAT(why(R"({"fault": "io-error", "at_tick": 1, "operation": "lock", "file": "journal"})"),
              HasSubstr("lock never comes to file journal"));
  EXPECT_EQ(why(R"({"fault": "io-error", "at_tick": 1, "operation": "lock", "file": "main"})"), "");
}

TEST(Faults, WhatIsLeftOutHasItsDefault) {
  const Fault replaced = only(R"({"fault": "replace-board", "at_tick": 4})");
  EXPECT_EQ(replaced.how, "rename");
  EXPECT_EQ(replaced.sidecars, "keep");
  EXPECT_EQ(replaced.until_tick, -1);
  EXPECT_EQ(replaced.number, 1);
  EXPECT_EQ(only(R"({"fault": "corrupt-board", "at_tick": 4})").how, "header");
  const Fault error = only(R"({"fault": "io-error", "at_tick": 4})");
  EXPECT_EQ(error.operation, "write");
  EXPECT_EQ(error.file, "any");
  EXPECT_EQ(error.board, "") << "it concerns all";
  EXPECT_EQ(error.after, 1);
  EXPECT_EQ(error.count, 1);
  EXPECT_EQ(only(R"({"fault": "long-reader", "at_tick": 4})").where, "process");
}

TEST(Faults, TheSeedDrawsTicksAndBoardsTheSameEachTime) {
  const json list = json::parse(
      R"([{"fault": "corrupt-board", "at_tick": [3, 40]}, {"fault": "long-reader", "at_tick": 2}])");
  std::set<std::int64_t> ticks;
  std::set<std::string> boards;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto first = faults_of(list, kBoards, seed), again = faults_of(list, kBoards, seed);
    EXPECT_EQ(first[0].name, "long-reader") << "in the order of their ticks";
    EXPECT_EQ(first[0].number, 2);
    EXPECT_EQ(first[1].at_tick, again[1].at_tick);
    EXPECT_EQ(first[1].board, again[1].board);
    EXPECT_GE(first[1].at_tick, 3);
    EXPECT_LE(first[1].at_tick, 40);
    ticks.insert(first[1].at_tick);
    boards.insert(first[1].board);
  }
  EXPECT_GT(ticks.size(), 10u) << "it is drawn";
  EXPECT_EQ(boards.size(), kBoards.size());
  EXPECT_EQ(only(R"({"fault": "corrupt-board", "at_tick": [7, 7]})").at_tick, 7);
}

TEST(Faults, NamingABoardOrATickChangesNoOtherDraw) {
  json list = json::parse(
      R"([{"fault": "corrupt-board", "at_tick": [1, 9]}, {"fault": "replace-board", "at_tick": [10, 90]}])");
  const Fault drawn = faults_of(list, kBoards, 7).at(1);
  list[0]["board"] = "b03";
  list[0]["at_tick"] = 4;
  const auto named = faults_of(list, kBoards, 7);
  EXPECT_EQ(named[0].board, "b03");
  EXPECT_EQ(named[0].at_tick, 4);
  EXPECT_EQ(named[1].board, drawn.board);
  EXPECT_EQ(named[1].at_tick, drawn.at_tick);
}

TEST(FaultsText, SaysWhatWasWritten) {
  const auto text = [](const char* list) { return faults_text(json::parse(list)); };
  EXPECT_EQ(text("[]"), "none");
  EXPECT_EQ(text(R"([{"fault": "replace-board", "at_tick": 8, "board": "b01"},
                     {"fault": "fd-limit", "soft": 16, "at_tick": 5, "until_tick": 15}])"),
            "replace-board b01 @8, fd-limit 16 @5-15");
  EXPECT_EQ(
      text(
          R"([{"sidecars": "remove", "how": "in-place", "board": "b02", "at_tick": [5, 8], "fault": "replace-board"}])"),
      "replace-board b02 in-place sidecars removed @5..8");
  EXPECT_EQ(
      text(
          R"([{"fault": "io-error", "at_tick": 8, "operation": "open", "file": "wal", "count": 0, "until_tick": 12},
                     {"fault": "disk-full", "at_tick": 9, "after": 3, "count": 2}, {"fault": "worker-kill", "at_tick": 3}])"),
      "io-error open wal all @8-12, disk-full from the 3. x2 @9, worker-kill @3");
  EXPECT_EQ(text(R"([{"fault": "earthquake"}])"), R"([{"fault":"earthquake"}])") << "another version's";
}

TEST(FaultsText, IsHowTheSettingIsShownEverywhere) {
  EXPECT_EQ(value_text("faults", json::array()), "none");
  EXPECT_EQ(value_text("strategy", "noop"), "noop");
  EXPECT_EQ(value_text("boards", 4), "4");
}

TEST(FaultsText, KeysAreToldWithTheirWords) {
  for (const FaultInfo& info : faults_table()) EXPECT_THAT(keys_text(info), StartsWith("at_tick"));
  EXPECT_EQ(keys_text(faults_table()[0]), "at_tick, count");
  EXPECT_EQ(keys_text(faults_table()[3]),
            "at_tick, board, how rename|in-place|backup, sidecars keep|remove, holders ignored|refused");
}

}  // namespace
}  // namespace walsoak
