// The step to do at once and the one that settles an open diagnosis, for the process at hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/judgement/diagnosis/diagnosis.h"
#include "harness/judgement/diagnosis/diagnosis_case.h"
#include "tests/judgement/watched_subjects.h"

namespace walsoak::judgement::diagnosed {
namespace {

using testing::connections;
using testing::evidence_of;
using ::testing::HasSubstr;
using testing::Json;
using ::testing::Not;
using testing::Numbers;
using testing::rising;
using testing::Watched;

Diagnosis in(const Watched& watched, Circumstances circumstances) {
  circumstances.pid = "4711";
  return diagnose(evidence_of(watched), circumstances);
}

Watched named(const char* command, Watched watched) {
  watched.command = command;
  return watched;
}

TEST(DiagnosisAdvice, WhatCountsConnectionsFitsTheProgram) {
  const Watched pile = connections(rising(20));
  EXPECT_EQ(in(pile, {}).next_command, "walsoak trace -- COMMAND");
  EXPECT_THAT(in(named("php-fpm8.2", pile), {}).next_why, HasSubstr("php-fpm -F"));
  EXPECT_THAT(in(named("gateway", pile), {}).next_why, Not(HasSubstr("php-fpm")));
  // No library can be preloaded there, and strace counts no connections.
  const Diagnosis fixed = in(pile, {.preloads = false});
  EXPECT_THAT(fixed.next_command, HasSubstr("strace -f -k"));
  EXPECT_THAT(fixed.next_command, HasSubstr("-p 4711"));
}

TEST(DiagnosisAdvice, WhatNamesTheCallFitsTheProgram) {
  const Watched lost = connections(Numbers(4, 1), {{"lock_main_posix", 0}});
  EXPECT_EQ(in(lost, {}).next_command, "walsoak trace -- COMMAND");
  EXPECT_EQ(in(lost, {.preloads = false}).next_command, "walsoak trace --pid 4711 --for 60s");
  EXPECT_EQ(in(lost, {.container = "host"}).next_command, "walsoak trace --pid 4711 --for 60s");
}

TEST(DiagnosisAdvice, OnMacosNothingNeedsProc) {
  for (const Watched& watched :
       {connections(rising(20)), connections(Numbers(5, 1)),
        connections(Numbers(4, 1), {{"lock_main_posix", 0}}),
        connections(Numbers(4, 1), {{"kernel_wal_deleted", 1}, {"lock_main_posix", 0}})}) {
    Circumstances circumstances{.pid = "4711", .macos = true};
    const Json cell = case_json("w01", evidence_of(watched), circumstances, Paths::left_out);
    EXPECT_THAT(cell.at("next_command").get<std::string>(), HasSubstr("lsof -n -P -p"));
    EXPECT_THAT(cell.at("do_now").get<std::string>(), Not(HasSubstr("/proc")));
    for (const Json& candidate : cell.at("consistent_with"))
      EXPECT_THAT(candidate.at("cures").dump(), Not(HasSubstr("/proc/")));
    EXPECT_THAT(cell.dump(), Not(HasSubstr("watch --pid")));
  }
}

TEST(DiagnosisAdvice, AFoldersFilesAskWhoHoldsThem) {
  EXPECT_THAT(in(connections({1}), {.listing = true, .on_disk = true}).next_command,
              HasSubstr("lsof -n -P DATABASE"));
}

TEST(DiagnosisAdvice, AContainersOwnPidIsLookedAtInside) {
  const Diagnosis pod = in(connections({1}), {.listing = true, .container = "kubectl"});
  EXPECT_THAT(pod.next_command, HasSubstr("kubectl exec POD -- /tmp/walsoak-watch diagnose --pid 4711"));
  EXPECT_THAT(in(connections({1}), {.listing = true, .container = "docker"}).next_command,
              HasSubstr("docker exec CONTAINER /tmp/walsoak-watch"));
}

TEST(DiagnosisAdvice, DataComesBeforeDescriptors) {
  EXPECT_THAT(in(connections(rising(20)), {}).do_now, HasSubstr("no data is at risk"));
  EXPECT_THAT(in(connections(Numbers(4, 1), {{"lock_main_posix", 0}}), {}).do_now,
              HasSubstr("let no other program open and close the database"));
  EXPECT_THAT(in(connections(rising(20), {{"kernel_wal_deleted", 1}, {"lock_main_posix", 0}}), {}).do_now,
              HasSubstr("deleted files out of /proc/4711/fd, before anything is stopped"));
  EXPECT_THAT(in(connections(Numbers(5, 1)), {}).do_now, HasSubstr("nothing that harms"));
}

}  // namespace
}  // namespace walsoak::judgement::diagnosed
