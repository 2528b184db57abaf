// A cell of a subject without its conversation: boards, gateway, spawner and ledgers, for tests of its steps.
// A shell that sleeps stands in for the worker program.
#pragma once

#include <gmock/gmock.h>
#include <signal.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/boards/sqlite/counting_vfs.h"
#include "harness/subject/gateway/steps.h"
#include "tests/board/boards.h"

namespace walsoak::subject {

class SubjectCell : public testing::Test {
 protected:
  using Message = protocol::Message;

  ~SubjectCell() override {
    for (const pid_t pid : workers_) {
      ::kill(pid, SIGKILL);
      spawner_->reap(pid);
    }
    if (gateway_) gateway_->close_everything(0);
  }

  void begin(const nlohmann::json& changes = {},
             std::vector<std::string> worker = {"/bin/sh", "-c", "exec sleep 600", "worker"}) {
    const Settings settings = tests::settings_with(changes);
    if (boards_.empty()) boards_ = {folder_.seeded("b01", {}, 0), folder_.seeded("b02", {}, 1)};
    gateway_ = std::make_unique<Gateway>(settings, boards_, api_);
    spawner_ = std::make_unique<Spawner>(
        std::move(worker), std::map<std::string, std::optional<std::string>>{}, settings.workers);
  }

  StepContext context() {
    return {*gateway_, *spawner_, log_, slash_log_, folder_.acknowledgements(), children_, api_, vfs_};
  }

  // The answer to a step; workers that it spawned end with the test.
  Message step(const std::string& name, const Message& more = Message::object()) {
    Message message = protocol::make("step");
    message["id"] = ++id_;
    message["step"] = name;
    message["tick"] = 0;
    message["time_s"] = tests::kNow;
    message["thread"] = 0;
    message.update(more);
    Message done = carry_out(context(), message);
    for (const Message& spawned : done.value("spawned", Message::array()))
      workers_.insert(spawned.at("pid").get<pid_t>());
    EXPECT_EQ(done.at("type"), "done");
    EXPECT_EQ(done.at("id"), id_);
    EXPECT_GE(done.at("latency_us").get<std::int64_t>(), 0);
    return done;
  }

  tests::Boards folder_;
  std::vector<board::Board> boards_;
  sqlite::VfsLedger& vfs_ = sqlite::install_counting_vfs();
  sqlite::ApiLedger api_;
  board::AcknowledgementLog log_{folder_.acknowledgements(), "dispatcher"};
  board::AcknowledgementLog slash_log_{folder_.acknowledgements(), "slash"};
  std::map<std::int64_t, ForkedChild> children_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Spawner> spawner_;
  std::set<pid_t> workers_;
  int id_ = 0;
};

}  // namespace walsoak::subject
