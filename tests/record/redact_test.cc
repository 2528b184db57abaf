// What posting a report must not give away, and what must not be garbled for it.
#include <gtest/gtest.h>

#include "harness/evidence/record/redact.h"

namespace walsoak::record {
namespace {

const Identity kAlice{"alice-laptop.lan", "alice", "/home/alice"};
const Identity kRoot{"vm1", "root", "/root"};

TEST(RedactTest, TheHomeFolderBecomesATilde) {
  EXPECT_EQ(redact("/home/alice/runs/b01", kAlice), "~/runs/b01");
  EXPECT_EQ(redact("cd /home/alice", kAlice), "cd ~");
  EXPECT_EQ(redact("/root/soak", kRoot), "~/soak");
}

TEST(RedactTest, AFolderThatOnlyBeginsLikeHomeStays) {
  EXPECT_EQ(redact("x/home/alicex/runs", kAlice), "x/home/alicex/runs");
  EXPECT_EQ(redact("/home/alicex/runs", kAlice), "PATH");
  EXPECT_EQ(redact("/rootless", kRoot), "/rootless");
}

TEST(RedactTest, FoldersOutsideTheHomeGoToo) {
  EXPECT_EQ(redact("/mnt/home/alice/x", kAlice), "PATH");
  EXPECT_EQ(redact("/srv/acme/gateway.py:7 on /home/alice/x.db", kAlice), "PATH/gateway.py:7 on ~/x.db");
  EXPECT_EQ(redact_folders("alice: /srv/acme/x.db, /home/alice/x.db", kAlice), "alice: PATH, ~/x.db");
}

TEST(RedactTest, ARelativeHomeLosesItsUser) {
  EXPECT_EQ(redact("mnt/home/alice/x", kAlice), "mnt/home/USER/x");
}

TEST(RedactTest, HostAndUserGoAsWholeWords) {
  EXPECT_EQ(redact("alice on alice-laptop.lan", kAlice), "USER on HOST");
  EXPECT_EQ(redact("alice@ALICE-LAPTOP:", kAlice), "USER@HOST:");
  EXPECT_EQ(redact("malice, alices and alice_2", kAlice), "malice, alices and alice_2");
}

TEST(RedactTest, NamesThatAreEverybodysGoOnlyWhereThePlaceGivesThemAway) {
  EXPECT_EQ(redact("the root of vm1 is root@vm1", kRoot), "the root of vm1 is USER@HOST");
  const Identity build{"ci", "build", "/home/build"};
  EXPECT_EQ(redact("build/dev and /home/build/dev and /Users/build", build), "build/dev and ~/dev and PATH");
}

// A report counts findings and verdicts after that.
TEST(RedactTest, WordsOfASummaryStay) {
  const Identity leak{"churn", "leak", "/home/leak"};
  EXPECT_EQ(redact("leak, churn: leak@churn, ~/leak", leak), "leak, churn: USER@HOST, ~/leak");
}

TEST(RedactTest, WithoutAnIdentityOnlyFoldersGo) {
  EXPECT_EQ(redact("/home/alice on host", {}), "PATH on host");
  EXPECT_EQ(redact("a/b", {"", "", "/"}), "a/b");
}

TEST(RedactTest, EveryStringOfAValueButNoKey) {
  const nlohmann::ordered_json value = {{"alice", {"/home/alice/x", 3, nullptr}}};
  EXPECT_EQ(redact_json(value, kAlice).dump(), R"({"alice":["~/x",3,null]})");
}

TEST(RedactTest, TheIdentityStandsInTheEnvironment) {
  const Identity identity =
      identity_of({{"hostname", "h"}, {"user", "u"}, {"home", "/h"}, {"kernel", "6.1"}});
  EXPECT_EQ(identity.host, "h");
  EXPECT_EQ(identity.user, "u");
  EXPECT_EQ(identity.home, "/h");
  EXPECT_EQ(identity_of(nullptr).user, "");
}

}  // namespace
}  // namespace walsoak::record
