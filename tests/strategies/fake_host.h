// A house for a strategy under test: it counts what the strategy asks for, and keeps what is dropped.
// Connections are SQLite's own, to databases in memory unless there are real boards.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/boards/board/connect.h"
#include "strategies/strategy.h"
#include "tests/board/boards.h"

namespace walsoak {

class FakeHost : public Host {
 public:
  explicit FakeHost(const std::string& strategy, const nlohmann::json& changes = {})
      : settings_(tests::settings_with(changes)), affinity_(declaration_of(strategy).affinity) {}

  std::unique_ptr<sqlite::Connection> connect(const board::Board& board, sqlite::Actor actor) override {
    if (connect_error_) throw sqlite::Error(SQLITE_CANTOPEN, "open", "unable to open database file");
    connects_.push_back(board.name + " " + std::string(name_of(actor)));
    if (real_boards_) return connector_.connect(board, actor, affinity_);
    sqlite::Connection::Options options;
    options.actor = actor;
    options.affinity = affinity_;
    return std::make_unique<sqlite::Connection>(board.path, ":memory:", options, ledger_);
  }
  void drop(std::unique_ptr<sqlite::Connection> connection) override {
    dropped_.push_back(std::move(connection));
  }
  void waited(std::int64_t) override { ++waits_; }
  Fingerprint fingerprint(const board::Board& board, FingerprintKind kind) const override {
    asked_.push_back(kind);
    const auto found = fingerprints_.find(board.name);
    return found == fingerprints_.end() ? Fingerprint{board.path, 1, 1} : found->second;
  }
  const Settings& settings() const override { return settings_; }

  std::int64_t open(const board::Board& board) const { return ledger_.counts(board.path).open(); }

  Settings settings_;
  sqlite::Affinity affinity_;
  sqlite::ApiLedger ledger_;
  board::Connector connector_{settings_, ledger_};
  int waits_ = 0;
  bool real_boards_ = false;
  bool connect_error_ = false;
  std::vector<std::string> connects_;  // "b01 dispatcher"
  std::vector<std::unique_ptr<sqlite::Connection>> dropped_;
  std::map<std::string, Fingerprint> fingerprints_;
  mutable std::vector<FingerprintKind> asked_;
};

inline board::Board fake_board(std::size_t index) {
  const std::string name = "b0" + std::to_string(index + 1);
  return {name, "/boards/" + name, index};
}

inline void read_something(sqlite::Connection& connection) {
  EXPECT_EQ(connection.value("read", "SELECT 40 + 2"), "42");
}

inline void fail_with(int code) {
  throw sqlite::Error(code, "work", "what SQLite said");
}

}  // namespace walsoak
