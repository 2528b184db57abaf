// The equations between the ledgers, and every way in which they part.
#include "harness/evidence/facts/ledgers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/facts/builders.h"

namespace walsoak::facts {
namespace {

using testing::board;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Json;
using testing::sample;

LedgerAudit audit(const std::vector<Json>& samples) {
  LedgerAudit result;
  for (const Json& line : samples) result.accept(Sample::from_json(line));
  return result;
}

std::vector<Equation> parted(const LedgerAudit& result) {
  std::vector<Equation> equations;
  for (std::size_t i = 0; i < kEquations; ++i) {
    if (result.of(static_cast<Equation>(i)).parted > 0) equations.push_back(static_cast<Equation>(i));
  }
  return equations;
}

TEST(LedgersTest, AHealthyCellAgrees) {
  const LedgerAudit result = audit({sample(-1, {board(0), board(3)}), sample(0, {board(2), board(1)})});
  EXPECT_EQ(result.parted(), 0);
  EXPECT_TRUE(result.remarks().empty());
  EXPECT_EQ(result.of(Equation::kernel_wal).held, 4);
}

TEST(LedgersTest, ParkedDescriptorsWithinThePeakAgree) {
  EXPECT_EQ(audit({sample(0, {board(1, {{"kernel_main", 4}, {"vfs_main_peak", 4}})})}).parted(), 0);
}

TEST(LedgersTest, AZombiePartsTheApiFromTheVfs) {
  // Two connections closed by the API whose statements were not finalized: VFS and kernel still hold them.
  const LedgerAudit result = audit({sample(7, {board(3, {{"api_open", 1}})})});
  EXPECT_THAT(parted(result), ElementsAre(Equation::api_open));
  EXPECT_THAT(result.remarks(),
              ElementsAre("api_open = vfs_main: parted 1 times of 1, first at tick 7 on b01: "
                          "api_open 1, vfs_main 3"));
}

TEST(LedgersTest, ADescriptorParkedWhereNothingIsOpenPartsTheKernelFromTheVfs) {
  // Parking needs a lock of another connection; a main descriptor without any connection is a raw open.
  const LedgerAudit result = audit({sample(0, {board(0, {{"kernel_main", 1}, {"vfs_main_peak", 2}})})});
  EXPECT_THAT(parted(result), ElementsAre(Equation::kernel_main));
}

TEST(LedgersTest, ARawOpenBesideParkedDescriptorsPartsBeyondThePeak) {
  const LedgerAudit result = audit({sample(0, {board(1, {{"kernel_main", 5}, {"vfs_main_peak", 4}})})});
  EXPECT_THAT(parted(result), ElementsAre(Equation::kernel_main));
}

TEST(LedgersTest, AConnectionFromBeforeTheShimPartsTheKernelAlone) {
  // Opened before the counting VFS was registered: neither API nor VFS ledger knows it.
  const LedgerAudit result =
      audit({sample(0, {board(0, {{"kernel_main", 1}, {"kernel_wal", 1}, {"kernel_shm", 1}})})});
  EXPECT_THAT(parted(result), ElementsAre(Equation::kernel_main, Equation::kernel_wal, Equation::kernel_shm));
}

TEST(LedgersTest, TheFirstPartingIsKeptAndAllAreCounted) {
  const LedgerAudit result =
      audit({sample(1, {board(1), board(1)}), sample(2, {board(1), board(1, {{"vfs_wal", 0}})}),
             sample(3, {board(1, {{"vfs_wal", 0}}), board(1, {{"vfs_wal", 0}})})});
  const EquationAudit& wal = result.of(Equation::kernel_wal);
  EXPECT_EQ(wal.parted, 3);
  EXPECT_EQ(wal.held, 3);
  EXPECT_EQ(wal.first_tick, 2);
  EXPECT_EQ(wal.first_board, "b02");
  EXPECT_EQ(result.parted(), 3);
}

TEST(LedgersTest, LoudSamplesAreNotCompared) {
  Json loud = sample(0, {board(2, {{"api_open", 0}})});
  loud["quiet"] = false;
  EXPECT_EQ(audit({loud}).of(Equation::api_open).parted, 0);
}

TEST(LedgersTest, NoSampleIsNoAgreement) {
  EXPECT_EQ(LedgerAudit().parted(), std::nullopt);
}

// A subject without a VFS ledger: nothing is checked, and it is said.
TEST(LedgersTest, AMissingLedgerIsSaidAndNotTakenForAgreement) {
  const LedgerAudit result = audit({sample(0, {board(1, {{"vfs_main", nullptr},
                                                         {"vfs_main_peak", nullptr},
                                                         {"vfs_wal", nullptr},
                                                         {"vfs_shm", nullptr}})})});
  EXPECT_EQ(result.parted(), std::nullopt);
  EXPECT_EQ(result.remarks().size(), kEquations);
  EXPECT_THAT(result.remarks().front(), HasSubstr("not checked 1 times"));
}

// No counter of the equations can be dropped unseen: one that stays behind or runs ahead by one parts an
// equation, and one that is missing leaves the agreement unknown.
class CounterTest : public ::testing::TestWithParam<const char*> {};

TEST_P(CounterTest, DroppingItIsSeen) {
  const Json healthy = board(2);
  Json dropped = healthy;
  dropped[GetParam()] = 0;
  EXPECT_GT(audit({sample(0, {dropped})}).parted().value_or(0), 0) << "dropped to 0";
  Json missing = healthy;
  missing[GetParam()] = nullptr;
  EXPECT_EQ(audit({sample(0, {missing})}).parted(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(EachOfTheEquations, CounterTest,
                         ::testing::Values("api_open", "vfs_main", "vfs_main_peak", "vfs_wal", "vfs_shm",
                                           "kernel_main", "kernel_wal", "kernel_shm"));

TEST(LedgersTest, ACounterThatRunsAheadIsSeen) {
  for (const char* key : {"api_open", "vfs_main", "vfs_wal", "kernel_wal", "kernel_shm", "kernel_main"}) {
    Json ahead = board(2);
    ahead[key] = ahead[key].get<int>() + 1;
    EXPECT_GT(audit({sample(0, {ahead})}).parted().value_or(0), 0) << key;
  }
  // shm counts mappings, and any number of them is one descriptor: only where none is left must the
  // descriptor go.
  EXPECT_GT(audit({sample(0, {board(0, {{"vfs_shm", 1}})})}).parted().value_or(0), 0);
}

}  // namespace
}  // namespace walsoak::facts
