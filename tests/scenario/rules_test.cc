#include "harness/model/cells/rules.h"

#include <gtest/gtest.h>

#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

class Rules : public ScenarioFiles {};

TEST_F(Rules, DefaultsClashWithNothing) {
  EXPECT_NO_THROW(check_rules(Draft()));
}

TEST_F(Rules, WarmupEndsBeforeTheCell) {
  EXPECT_EQ(error_of(R"("settings": {"ticks": 5})"),
            "s.json: /settings/ticks: warmup_ticks 5 is not less than ticks 5; "
            "valid: with these ticks, warmup_ticks from 0 to 4");
  EXPECT_EQ(error_of(R"("settings": {"warmup_ticks": 60})"),
            "s.json: /settings/warmup_ticks: warmup_ticks 60 is not less than ticks 60; "
            "valid: with these ticks, warmup_ticks from 0 to 59");
  EXPECT_EQ(error_of(R"("settings": {"warmup_ticks": 4, "ticks": 5})"), "no error");
}

TEST_F(Rules, ExecAndItsCommandGoTogether) {
  EXPECT_EQ(error_of(R"("settings": {"exec_command": "node a.js"})"),
            "s.json: /settings/exec_command: exec_command needs subject exec; valid: subject exec, or no "
            "exec_command");
  EXPECT_EQ(error_of(R"("settings": {"subject": "exec"})"),
            "s.json: /settings/subject: subject exec needs exec_command; valid: a command that speaks "
            "docs/protocol.md");
  EXPECT_EQ(error_of(R"("settings": {"subject": "exec", "exec_command": "node a.js"})"), "no error");
}

TEST_F(Rules, ModuleNeedsThePythonSubject) {
  EXPECT_EQ(error_of(R"("settings": {"module": "a.py:connect"})"),
            "s.json: /settings/module: module needs subject python; valid: subject python, or no module");
  EXPECT_EQ(error_of(R"("settings": {"module": "a.py:connect", "subject": "python"})"), "no error");
}

TEST_F(Rules, AutomaticCollectorNeedsAFreeRunningPythonSubject) {
  EXPECT_EQ(error_of(R"("settings": {"collector": "auto"})"),
            "s.json: /settings/collector: collector auto needs subject python; "
            "valid: subject python, or collector every-n, never");
  EXPECT_EQ(error_of(R"("settings": {"subject": "python"}, "matrix": {"collector": ["never", "auto"]})"),
            "s.json: /matrix/collector/1: collector auto needs a free-running cell; "
            "valid in lockstep: collector every-n, never");
}

TEST_F(Rules, AFreeRunningPythonSubjectMayCollectByItself) {
  EXPECT_EQ(error_of(R"("settings": {"mode": "free", "subject": "python", "collector": "auto"})"),
            "no error");
  EXPECT_EQ(error_of(R"("settings": {"mode": "free", "collector": "auto"})"),
            "s.json: /settings/collector: collector auto needs subject python; "
            "valid: subject python, or collector every-n, never");
}

TEST_F(Rules, WarmupEndsBeforeTheTicksThatADurationMakes) {
  EXPECT_EQ(
      error_of(R"("settings": {"duration_s": 300})"),
      "s.json: /settings/duration_s: warmup_ticks 5 is not less than the 5 ticks that duration_s makes; "
      "valid: with this duration, warmup_ticks from 0 to 4");
  EXPECT_EQ(error_of(R"("settings": {"duration_s": 360})"), "no error");
  EXPECT_EQ(
      error_of(R"("settings": {"duration_s": 600}, "matrix": {"warmup_ticks": [1, 10]})"),
      "s.json: /matrix/warmup_ticks/1: warmup_ticks 10 is not less than the 10 ticks that duration_s makes; "
      "valid: with this duration, warmup_ticks from 0 to 9");
}

TEST_F(Rules, TicksBesideADurationAreRefusedNotIgnored) {
  const std::string both =
      "ticks and duration_s are both set; ticks 30 would be ignored beside 3600 s; "
      "valid: one of the two; duration_s 0 lets ticks decide";
  EXPECT_EQ(error_of(R"("settings": {"duration_s": 3600, "ticks": 30})"), "s.json: /settings/ticks: " + both);
  EXPECT_EQ(error_of(R"("settings": {"duration_s": 3600}, "matrix": {"ticks": [30]})"),
            "s.json: /matrix/ticks/0: " + both);
  EXPECT_EQ(error_of(R"("settings": {"duration_s": 0, "ticks": 30})"), "no error");
  EXPECT_EQ(error_of(R"("settings": {"duration_s": 3600})", {{"ticks", "30"}}), "--set ticks=30: " + both);
  EXPECT_EQ(error_of(R"("settings": {"boards": 2})", {{"duration_s", "3600"}, {"ticks", "30"}}),
            "--set ticks=30: " + both);
}

TEST_F(Rules, ALaterLayerMayPutTheOneInTheOthersPlace) {
  EXPECT_EQ(error_of(R"("settings": {"duration_s": 3600})", {{"duration_s", "0"}, {"ticks", "30"}}),
            "no error")
      << "as --ticks does";
  EXPECT_EQ(error_of(R"("settings": {"ticks": 30})", {{"duration_s", "3600"}}), "no error")
      << "as --duration does";
}

TEST_F(Rules, WhatIsOfTheClockNeedsAFreeRunningCell) {
  const std::vector<std::pair<std::string, std::string>> settings = {
      {"time_scale", "60"}, {"run_on", "\"loop\""}, {"sample_every", "5"}, {"sample_interval_s", "2"}};
  for (const auto& [name, value] : settings) {
    const std::string member = "\"" + name + "\": " + value;
    EXPECT_EQ(error_of("\"settings\": {" + member + "}"),
              "s.json: /settings/" + name + ": " + name +
                  " needs a free-running cell; valid: mode free, or no " + name);
    EXPECT_EQ(error_of("\"settings\": {\"mode\": \"free\", " + member + "}"), "no error");
  }
  EXPECT_EQ(error_of(R"("settings": {"time_scale": 1, "run_on": "executor"})"), "no error") << "the defaults";
  EXPECT_EQ(
      error_of(R"("settings": {"mode": "free", "time_scale": 60}, "control": {"mode": "lockstep"})"),
      "s.json: /control/mode: time_scale needs a free-running cell; valid: mode free, or no time_scale");
  EXPECT_EQ(error_of(R"("settings": {"slash_interval_s": 30, "dashboards": 1, "second_dispatcher": "on"})"),
            "no error")
      << "these there are in lockstep too";
}

TEST_F(Rules, ALookAtTheRowsInMidCellNeedsTheConductorAndACellThatIsLongEnough) {
  EXPECT_EQ(error_of(R"("settings": {"ticks": 20, "rows_every": 20})"), "no error");
  EXPECT_EQ(error_of(R"("settings": {"mode": "free", "rows_every": 0})"), "no error");
  EXPECT_EQ(error_of(R"("settings": {"mode": "free", "rows_every": 2})"),
            "s.json: /settings/rows_every: rows_every needs a lockstep cell; valid: mode lockstep, or no "
            "rows_every");
  EXPECT_EQ(error_of(R"("settings": {"ticks": 20, "rows_every": 21})"),
            "s.json: /settings/rows_every: rows_every 21 comes after the 20 ticks of the cell; valid: "
            "rows_every from 0 to 20");
  EXPECT_EQ(error_of(R"("settings": {"pool_thread_life": 3, "rows_every": 2})"),
            "s.json: /settings/rows_every: rows_every looks on a thread of the pool, and would use up its "
            "life (pool_thread_life); valid: one of the two");
}

TEST_F(Rules, FaultsNameBoardsThatTheCellHas) {
  const auto error = [&](const std::string& faults, const std::string& more = "") {
    return error_of(R"("settings": {"boards": 3)" + more + R"(, "faults": [)" + faults + "]}");
  };
  EXPECT_EQ(error(R"({"fault": "corrupt-board", "at_tick": 8, "board": "b04"})"),
            "s.json: /settings/faults: corrupt-board: there is no board b04; valid: b01 to b03");
  EXPECT_EQ(error(R"({"fault": "corrupt-board", "at_tick": 8, "board": "b3"})"),
            "s.json: /settings/faults: corrupt-board: there is no board b3; valid: b01 to b03");
  EXPECT_EQ(
      error(
          R"({"fault": "corrupt-board", "at_tick": 8, "board": "b03"}, {"fault": "disk-full", "at_tick": 2})"),
      "no error");
}

TEST_F(Rules, FaultsHappenWithinTheCell) {
  const auto error = [&](const std::string& at, const std::string& settings = R"("ticks": 20)") {
    return error_of("\"settings\": {" + settings + R"(, "faults": [{"fault": "worker-kill", "at_tick": )" +
                    at + "}]}");
  };
  EXPECT_EQ(error("19"), "no error");
  EXPECT_EQ(error("20"),
            "s.json: /settings/faults: worker-kill: at_tick 20 is behind the last tick of the cell; "
            "valid: at_tick from 0 to 19");
  EXPECT_TRUE(error("[5, 25]").starts_with("s.json: /settings/faults: worker-kill: at_tick 25"))
      << error("[5, 25]");
  EXPECT_EQ(error("30", R"("duration_s": 3600)"), "no error");
  EXPECT_TRUE(error("60", R"("duration_s": 3600)").ends_with("at_tick from 0 to 59"));
}

TEST_F(Rules, FaultsOfTheVfsNeedACppSubject) {
  const auto error = [&](const std::string& fault, const char* subject) {
    return error_of(std::string(R"("settings": {"faults": [{"at_tick": 8, "fault": ")") + fault +
                    R"("}]}, "matrix": {"subject": [")" + subject + R"("]})");
  };
  for (const char* fault : {"io-error", "disk-full"}) {
    EXPECT_EQ(error(fault, "python"),
              std::string("s.json: /settings/faults: ") + fault +
                  " needs the VFS of a C++ subject; valid: subject cpp, or no such fault");
    EXPECT_EQ(error(fault, "cpp"), "no error");
  }
  for (const char* fault : {"worker-kill", "corrupt-board", "replace-board", "long-reader", "init-failure"}) {
    EXPECT_EQ(error(fault, "python"), "no error") << fault;
  }
}

TEST_F(Rules, FaultsAreCheckedWhereTheyStand) {
  EXPECT_EQ(
      error_of(R"("matrix": {"faults": [[], [{"fault": "corrupt-board", "at_tick": 8, "board": "b02"}]]})"),
      "s.json: /matrix/faults/1: corrupt-board: there is no board b02; valid: b01 to b01");
  EXPECT_EQ(error_of(R"("settings": {"faults": [{"fault": "worker-kil", "at_tick": 1}]})"),
            "s.json: /settings/faults: [{\"fault\":\"worker-kil\",\"at_tick\":1}] is no value of faults; "
            "there is no fault \"worker-kil\"; valid: worker-kill, fd-limit, corrupt-board, replace-board, "
            "raw-copy, fork, cut-shm, hold-flock, io-error, "
            "disk-full, long-reader, init-failure (walsoak list faults)");
}

TEST_F(Rules, PointAtTheValueThatWasLaidOnLast) {
  const std::string members = R"("settings": {"warmup_ticks": 20}, "matrix": {"ticks": [60, 10]})";
  EXPECT_TRUE(error_of(members).starts_with("s.json: /matrix/ticks/1: warmup_ticks 20")) << error_of(members);
  const std::string python =
      R"("settings": {"subject": "python", "module": "a.py:f"}, "control": {"subject": "cpp"})";
  EXPECT_TRUE(error_of(python).starts_with("s.json: /control/subject: module needs")) << error_of(python);
}

TEST_F(Rules, AnOrderNamesWhatTheCellHas) {
  EXPECT_EQ(error_of(R"("settings": {"outside_writers": 2, "order": "dispatch, outside-2, workers, slash"})"),
            "no error");
  EXPECT_EQ(error_of(R"("settings": {"outside_writers": 1, "order": "dispatch, outside-2"})"),
            "s.json: /settings/order: order names outside-2, which this cell does not have; valid: "
            "outside_writers 2 or "
            "more, or no outside-2");
  EXPECT_EQ(error_of(R"("settings": {"order": "dashboard-1"})"),
            "s.json: /settings/order: order names dashboard-1, which this cell does not have; valid: "
            "dashboards 1 or more, "
            "or no dashboard-1");
  EXPECT_EQ(error_of(R"("settings": {"order": "dispatcher-2"})"),
            "s.json: /settings/order: order names dispatcher-2, which this cell does not have; valid: "
            "second_dispatcher "
            "on, or no dispatcher-2");
  EXPECT_EQ(error_of(R"("settings": {"auto_decompose": "off", "order": "triage"})"),
            "s.json: /settings/order: order names triage, which this cell does not have; valid: "
            "auto_decompose closed, "
            "unclosed, or no triage");
  EXPECT_EQ(error_of(R"("settings": {"mode": "free", "order": "dispatch"})"),
            "s.json: /settings/order: order needs a lockstep cell; valid: mode lockstep, or no order");
}

}  // namespace
}  // namespace walsoak::scenario
