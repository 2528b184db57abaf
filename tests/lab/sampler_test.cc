// A sample: the subject's own two ledgers beside the kernel's, flat, under the record's names.
#include "harness/lab/session/sampler.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/os/file_locks.h"
#include "tests/os/forked_child.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::lab {
namespace {

using protocol::Message;

Message ledgers() {
  Message answer = protocol::make("done");
  answer["api"] = Message::parse(R"({"b01":{
      "opened":{"dispatcher":40,"probe":30,"triage":20,"notifier":10,"held":1,"inside":2},
      "closed":{"dispatcher":38,"probe":30,"triage":20,"notifier":9,"inside":2}}})");
  answer["vfs"] =
      Message::parse(R"({"b01":{"main":4,"main_peak":5,"main_opens":103,"wal":3,"wal_opens":102,"journal":1,
      "journal_opens":2,"shm":3,"shm_maps":101,
      "wal_unlinks":{"dispatcher":7,"probe":6,"triage":5,"notifier":4,"held":3,"inside":2},"journal_unlinks":{},
      "syncs":9,"bytes_written":81920,"bytes_read":4096}})");
  return answer;
}

class SamplerTest : public testing::Test {
 protected:
  Message sample(pid_t pid, const Message& answer, Scope scope = Scope::dispatcher) {
    return Sampler(pid, {{"b01", main_}}, scope).sample(answer);
  }
  Message board(const Message& answer, Scope scope = Scope::dispatcher) {
    return sample(::getpid(), answer, scope).at("boards").at("b01");
  }

  tests::TemporaryFolder folder_;
  std::string main_ = folder_ / "kanban.db";
};

TEST_F(SamplerTest, TheApiLedgerIsSummedOverActors) {
  const Message b01 = board(ledgers());
  EXPECT_EQ(b01.at("api_opened"), 103);
  EXPECT_EQ(b01.at("api_closed"), 99);
  EXPECT_EQ(b01.at("api_open"), 4);
}

TEST_F(SamplerTest, TheVfsLedgerKeepsItsCounters) {
  const Message b01 = board(ledgers());
  const Message expected = Message::parse(R"({"vfs_main":4,"vfs_main_peak":5,"vfs_main_opens":103,"vfs_wal":3,
      "vfs_wal_opens":102,"vfs_journal":1,"vfs_shm":3,"vfs_shm_maps":101,"vfs_syncs":9,"vfs_bytes_written":81920,
      "vfs_bytes_read":4096,"vfs_wal_unlinks":27})");
  for (const auto& [key, value] : expected.items()) EXPECT_EQ(b01.at(key), value) << key;
}

TEST_F(SamplerTest, TheScopeSaysWhoseLastClosesCount) {
  EXPECT_EQ(board(ledgers()).at("vfs_wal_unlinks_in_scope"), 13);
  EXPECT_EQ(board(ledgers()).at("api_opened_in_scope"), 70);
  EXPECT_EQ(board(ledgers(), Scope::process).at("vfs_wal_unlinks_in_scope"), 22);
  EXPECT_EQ(board(ledgers(), Scope::process).at("api_opened_in_scope"), 100);
}

TEST_F(SamplerTest, ALedgerThatTheSubjectCannotGiveIsNullNotZero) {
  Message answer = ledgers();
  answer["vfs"] = nullptr;
  const Message without_vfs = board(answer);
  EXPECT_EQ(without_vfs.at("api_open"), 4);
  std::size_t unknown = 0;
  for (const auto& [key, value] : without_vfs.items()) {
    if (!key.starts_with("vfs_")) continue;
    EXPECT_TRUE(value.is_null()) << key;
    ++unknown;
  }
  EXPECT_EQ(unknown, 13u);
  answer["api"] = nullptr;
  for (const char* key : {"api_open", "api_opened", "api_closed", "api_opened_in_scope"}) {
    EXPECT_TRUE(board(answer).at(key).is_null()) << key;
  }
}

TEST_F(SamplerTest, TheKernelsWordIsOfTheSubject) {
  const tests::ForkedChild subject([&] {
    for (const char* suffix : {"", "", "-wal", "-shm"}) tests::open_file(main_ + suffix);
    ::unlink((main_ + "-wal").c_str());
  });
  const Message seen = sample(subject.pid(), ledgers());
  const Message b01 = seen.at("boards").at("b01");
  EXPECT_EQ(b01.at("kernel_main"), 2);
  EXPECT_EQ(b01.at("kernel_wal"), 1);
  EXPECT_EQ(b01.at("kernel_wal_deleted"), 1);
  EXPECT_EQ(b01.at("kernel_shm"), 1);
  EXPECT_EQ(b01.at("main_bytes"), 0);
  EXPECT_TRUE(b01.at("wal_bytes").is_null());
  EXPECT_GE(seen.at("process").at("descriptors").get<int>(), 7);
  EXPECT_GE(seen.at("process").at("threads").get<int>(), 1);
  EXPECT_GT(seen.at("process").at("rss_bytes").get<std::int64_t>(), 0);
}

TEST_F(SamplerTest, ASubjectThatIsGoneIsUnknown) {
  tests::ForkedChild subject([] {});
  subject.end();
  const Message seen = sample(subject.pid(), ledgers());
  EXPECT_TRUE(seen.at("boards").at("b01").at("kernel_main").is_null());
  EXPECT_TRUE(seen.at("process").at("descriptors").is_null());
}

TEST_F(SamplerTest, ALedgerWithoutABoardOfTheCellIsAnError) {
  Message answer = ledgers();
  answer["api"].erase("b01");
  EXPECT_THROW(sample(::getpid(), answer), std::exception);
}

}  // namespace
}  // namespace walsoak::lab
