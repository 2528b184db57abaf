// What the counting VFS costs a writer: the same open, transaction and close, and the same transaction on a
// connection that stays, on the default VFS and through the shim, in one run.
#include <filesystem>
#include <string>

#include "benchmarks/program.h"
#include "harness/boards/sqlite/connection.h"
#include "harness/boards/sqlite/counting_vfs.h"

namespace {

using walsoak::sqlite::ApiLedger;
using walsoak::sqlite::Connection;

// A database of its own in a new temporary folder, in WAL mode.
class Fixture {
 public:
  Fixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "walsoak-bench-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    Connection connection(path(), {}, ledger_);
    connection.value("mode", "PRAGMA journal_mode=wal");
    connection.execute("table", "CREATE TABLE t(x)");
  }
  ~Fixture() { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ / "bench.db"; }
  ApiLedger& ledger() { return ledger_; }

 private:
  std::filesystem::path folder_;
  ApiLedger ledger_;
};

Connection::Options options_on(const char* vfs) {
  Connection::Options options;
  options.vfs = vfs;
  return options;
}

// The life of a per-tick connection: open, read, write, last close.
void open_write_close(benchmark::State& state, const char* vfs) {
  Fixture fixture;
  for (auto _ : state) {
    Connection connection(fixture.path(), options_on(vfs), fixture.ledger());
    connection.execute("insert", "INSERT INTO t VALUES (1)");
  }
}

// A connection that stays: one transaction.
void write_on_held(benchmark::State& state, const char* vfs) {
  Fixture fixture;
  Connection connection(fixture.path(), options_on(vfs), fixture.ledger());
  connection.execute("synchronous", "PRAGMA synchronous=NORMAL");
  for (auto _ : state) connection.execute("insert", "INSERT INTO t VALUES (1)");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string bare = sqlite3_vfs_find(nullptr)->zName;
  walsoak::sqlite::install_counting_vfs();
  for (const char* vfs : {bare.c_str(), walsoak::sqlite::kCountingVfsName}) {
    const std::string variant = vfs == bare ? "bare" : "counting VFS";
    benchmark::RegisterBenchmark(("open, write, close/" + variant).c_str(), open_write_close, vfs)
        ->MeasureProcessCPUTime()
        ->UseRealTime();
    benchmark::RegisterBenchmark(("write on a held connection/" + variant).c_str(), write_on_held, vfs)
        ->MeasureProcessCPUTime()
        ->UseRealTime();
  }
  return walsoak::benchmarks::run_program(argc, argv);
}
