// A corrupt board is out of service until its file changes.
#include <fstream>

#include "tests/gateway/subject_cell.h"

namespace walsoak::subject {
namespace {

using nlohmann::json;
using protocol::Message;

class DisabledBoard : public SubjectCell {
 protected:
  void damage() {
    good_ = os::read_file(boards_[0].path);
    std::ofstream(boards_[0].path) << std::string(good_.size(), 'x');
  }
  void restore() {
    std::ofstream(boards_[0].path) << good_;
    // Whatever the clock's resolution: the same size with another time is another file.
    const auto time = std::filesystem::last_write_time(boards_[0].path);
    std::filesystem::last_write_time(boards_[0].path, time + std::chrono::seconds(1));
  }
  Message first(const std::string& name) { return step(name).at("boards").at(0); }
  std::int64_t opened() const {
    const sqlite::ApiCounts counts = api_.counts(boards_[0].path);
    return counts.opened[0];
  }

  std::string good_;
};

TEST_F(DisabledBoard, CorruptBoardClosesAndSuppressesUntilFingerprintChanges) {
  for (const char* strategy : {"per-tick", "persistent", "wal-safe-close", "unclosed"}) {
    SCOPED_TRACE(strategy);
    begin({{"strategy", strategy}, {"workers", 0}});
    damage();
    const Message corrupt = first("dispatch");
    EXPECT_EQ(corrupt.at("error").at("code"), SQLITE_NOTADB);
    const std::int64_t opens = opened();
    for (int tick = 0; tick < 3; ++tick) {
      const Message disabled = first("dispatch");
      EXPECT_EQ(disabled.at("ok"), false);
      EXPECT_EQ(disabled.at("error").at("app"), "disabled");
      const Message probed = first("probe");
      EXPECT_EQ(probed.at("ok"), true);
      EXPECT_EQ(probed.at("looked"), false);
    }
    EXPECT_EQ(opened(), opens) << "no more attempts";
    restore();
    EXPECT_EQ(first("dispatch").at("ok"), true);
    gateway_->close_everything(0);
  }
}

TEST_F(DisabledBoard, TheOtherBoardsGoOn) {
  begin({{"workers", 0}});
  damage();
  for (int tick = 0; tick < 2; ++tick) {
    const Message done = step("dispatch");
    EXPECT_EQ(done.at("ok"), false);
    EXPECT_EQ(done.at("boards").at(1).at("ok"), true);
  }
}

TEST_F(DisabledBoard, AHeaderThatIsNoDatabasesDisablesToo) {
  begin({{"header_check", "raw"}, {"workers", 0}});
  damage();
  EXPECT_EQ(first("dispatch").at("error").at("app"), board::kNotADatabase);
  EXPECT_EQ(first("dispatch").at("error").at("app"), "disabled");
  restore();
  EXPECT_EQ(first("dispatch").at("ok"), true);
}

TEST_F(DisabledBoard, AnyOtherErrorDisablesNothing) {
  begin({{"workers", 1}}, {"/no/such/worker"});
  EXPECT_EQ(first("dispatch").at("error").at("app"), "system");
  EXPECT_EQ(first("dispatch").at("error").at("app"), "system");
}

}  // namespace
}  // namespace walsoak::subject
