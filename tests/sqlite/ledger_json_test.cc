// The ledgers in the words of the protocol: each counter under its own key.
#include "harness/boards/sqlite/ledger_json.h"

#include <gtest/gtest.h>

namespace walsoak::sqlite {
namespace {

using Json = nlohmann::ordered_json;

TEST(LedgerJson, EveryVfsCounterHasItsOwnKey) {
  VfsCounts counts;
  counts.main.open = 1;
  counts.main.peak = 2;
  counts.main.opens = 3;
  counts.wal.open = 4;
  counts.wal.opens = 5;
  counts.journal.open = 6;
  counts.journal.opens = 7;
  counts.shm.open = 8;
  counts.shm.opens = 9;
  counts.wal_unlinks[static_cast<std::size_t>(Actor::dispatcher)] = 10;
  counts.wal_unlinks[static_cast<std::size_t>(Actor::held)] = 11;
  counts.journal_unlinks[static_cast<std::size_t>(Actor::worker)] = 12;
  counts.syncs = 13;
  counts.bytes_written = 14;
  counts.bytes_read = 15;
  EXPECT_EQ(to_json(counts), Json::parse(R"({"main":1,"main_peak":2,"main_opens":3,"wal":4,"wal_opens":5,
      "journal":6,"journal_opens":7,"shm":8,"shm_maps":9,"wal_unlinks":{"dispatcher":10,"held":11},
      "journal_unlinks":{"worker":12},"syncs":13,"bytes_written":14,"bytes_read":15})"));
}

TEST(LedgerJson, ActorsAtZeroAreLeftOut) {
  ApiCounts counts;
  counts.opened[static_cast<std::size_t>(Actor::notifier)] = 2;
  EXPECT_EQ(to_json(counts), Json::parse(R"({"opened":{"notifier":2},"closed":{}})"));
}

TEST(LedgerJson, TheLibraryIsTheOneLoaded) {
  const Library library = loaded_library();
  EXPECT_FALSE(library.source_id.empty());
  EXPECT_FALSE(library.compile_options.empty());
  EXPECT_EQ(to_json(library)["version"], library.version);
  EXPECT_EQ(to_json(library)["source_id"], library.source_id);
  EXPECT_EQ(to_json(library)["compile_options"].size(), library.compile_options.size());
}

TEST(LedgerJson, EveryActorHasItsName) {
  EXPECT_EQ(name_of(Actor::dispatcher), "dispatcher");
  EXPECT_EQ(name_of(Actor::probe), "probe");
  EXPECT_EQ(name_of(Actor::triage), "triage");
  EXPECT_EQ(name_of(Actor::notifier), "notifier");
  EXPECT_EQ(name_of(Actor::held), "held");
  EXPECT_EQ(name_of(Actor::inside), "inside");
  EXPECT_EQ(name_of(Actor::worker), "worker");
  EXPECT_EQ(name_of(Actor::checker), "checker");
}

}  // namespace
}  // namespace walsoak::sqlite
