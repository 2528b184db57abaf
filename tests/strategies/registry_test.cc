// The strategies by name: all of them are linked in, and each declares what the house must know.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/strategies/fake_host.h"

namespace walsoak {
namespace {

using testing::ElementsAre;
using testing::ExitedWithCode;

// No other test would notice a file that is not linked.
TEST(Registry, HoldsAStrategyForEachFileByItsName) {
  std::vector<std::string> declared, files;
  for (const Declaration& declaration : declared_strategies()) declared.emplace_back(declaration.name);
  for (const auto& entry : std::filesystem::directory_iterator(WALSOAK_STRATEGIES)) {
    std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".cc" || name == "registry") continue;
    std::replace(name.begin(), name.end(), '_', '-');
    files.push_back(name);
  }
  std::sort(files.begin(), files.end());
  EXPECT_GE(files.size(), 10U);
  EXPECT_EQ(declared, files);
}

TEST(Registry, EachSaysWhatItIsInALine) {
  for (const Declaration& declaration : declared_strategies()) {
    EXPECT_GT(declaration.summary.size(), 10u) << declaration.name;
    EXPECT_EQ(declaration.summary.find('\n'), std::string_view::npos) << declaration.name;
  }
}

TEST(Registry, DeclarationsAreWhatTheHouseReads) {
  std::vector<std::string_view> dedicated, holding, dropping, freed_anywhere;
  for (const Declaration& declaration : declared_strategies()) {
    if (declaration.executor == Executor::dedicated) dedicated.push_back(declaration.name);
    if (declaration.holds_connections) holding.push_back(declaration.name);
    if (declaration.drops_connections) dropping.push_back(declaration.name);
    if (declaration.affinity != sqlite::Affinity::owner_thread) freed_anywhere.push_back(declaration.name);
  }
  EXPECT_THAT(dedicated, ElementsAre("breathing-pool", "persistent"));
  EXPECT_THAT(holding, ElementsAre("breathing-pool", "persistent", "pool", "shared", "thread-local"));
  EXPECT_THAT(dropping, ElementsAre("thread-local", "unclosed"));
  EXPECT_THAT(freed_anywhere, ElementsAre("planted-leak", "pool", "shared", "thread-local", "unclosed"));
}

TEST(Registry, AnUnknownNameIsRefused) {
  FakeHost host("noop");
  EXPECT_THROW(declaration_of("per_tick"), std::invalid_argument);
  EXPECT_THROW(make_strategy("", host), std::invalid_argument);
}

TEST(RegistryDeathTest, ADuplicateNameEndsTheProgram) {
  EXPECT_EXIT(
      Registration({.name = "noop", .summary = "again"}, [](Host&) { return std::unique_ptr<Strategy>(); }),
      ExitedWithCode(4), "two strategies are named noop");
}

}  // namespace
}  // namespace walsoak
