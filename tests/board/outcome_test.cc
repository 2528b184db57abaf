// How each kind of failure is told in an answer.
#include "harness/boards/board/outcome.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "harness/boards/board/connect.h"
#include "harness/boards/sqlite/error.h"

namespace walsoak::board {
namespace {

using Json = nlohmann::ordered_json;

template <typename Exception>
Json failure(const Exception& exception) {
  Json entry = {{"board", "b01"}, {"ok", true}};
  EXPECT_TRUE(guarded(entry, [&]() -> bool { throw exception; })) << "the next board has its turn";
  EXPECT_EQ(entry["ok"], false);
  EXPECT_EQ(entry["board"], "b01");
  return entry["error"];
}

TEST(Outcome, WhatDoesNotThrowAnswersForItself) {
  Json entry = {{"ok", true}};
  EXPECT_TRUE(guarded(entry, [] { return true; }));
  EXPECT_FALSE(guarded(entry, [] { return false; }));
  EXPECT_EQ(entry, (Json{{"ok", true}}));
}

TEST(Outcome, AnErrorOfSqlitesHasItsExtendedCode) {
  EXPECT_EQ(
      failure(sqlite::Error(522, "PRAGMA journal_mode", "disk I/O error")),
      Json::parse(R"({"code":522,"message":"disk I/O error","where":"PRAGMA journal_mode","app":null})"));
}

TEST(Outcome, AnErrorOfTheApplicationHasItsKindAndNoCode) {
  EXPECT_EQ(failure(AppError("disabled", "dispatch", "board disabled")),
            Json::parse(R"({"code":0,"message":"board disabled","where":"dispatch","app":"disabled"})"));
}

TEST(Outcome, RunningOutOfDescriptorsIsToldApart) {
  const Json error = failure(std::system_error(EMFILE, std::generic_category(), "cannot start worker"));
  EXPECT_EQ(error["app"], "EMFILE");
  EXPECT_EQ(error["code"], 0);
  EXPECT_EQ(error["where"], "system");
  EXPECT_EQ(failure(std::system_error(ENOENT, std::generic_category(), "x"))["app"], "system");
}

TEST(Outcome, ABrokenAffinityIsToldApart) {
  EXPECT_EQ(failure(sqlite::AffinityError("wrong thread")),
            Json::parse(R"({"code":0,"message":"wrong thread","where":"affinity","app":"affinity"})"));
}

TEST(Outcome, ABugIsNoOutcomeOfABoard) {
  Json entry = {{"ok", true}};
  EXPECT_THROW(guarded(entry, []() -> bool { throw std::invalid_argument("a broken message"); }),
               std::invalid_argument);
  EXPECT_EQ(entry["ok"], true);
}

}  // namespace
}  // namespace walsoak::board
