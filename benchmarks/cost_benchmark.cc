// What the instrument itself costs: one idle dispatch pass (open, pragmas, statements, close) as a bare loop,
// and the same with each part of the instrument and with all of it. Same process, same file, same rows, same
// SQL.
#include <functional>
#include <string>

#include "benchmarks/idle_pass.h"
#include "benchmarks/program.h"
#include "benchmarks/tick_lines.h"
#include "harness/boards/sqlite/counting_vfs.h"

namespace {

using walsoak::benchmarks::DefaultVfs;
using walsoak::benchmarks::IdlePass;
using walsoak::benchmarks::TickLines;

// Connections are opened on the VFS of that name.
void add(const std::string& name, const char* vfs, const std::function<void(benchmark::State&)>& loop) {
  benchmark::RegisterBenchmark(("idle dispatch pass/" + name).c_str(),
                               [vfs, loop](benchmark::State& state) {
                                 const DefaultVfs chosen(vfs);
                                 loop(state);
                               })
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string bare = sqlite3_vfs_find(nullptr)->zName;
  walsoak::sqlite::install_counting_vfs();
  const char* counting = walsoak::sqlite::kCountingVfsName;
  IdlePass pass;

  add("bare", bare.c_str(), [&](benchmark::State& state) {
    for (auto _ : state) pass.bare(bare.c_str());
  });
  add("counting VFS", counting, [&](benchmark::State& state) {
    for (auto _ : state) pass.bare(counting);
  });
  add("Connection and API ledger", bare.c_str(), [&](benchmark::State& state) {
    for (auto _ : state) pass.through_connection();
  });
  add("tick line", bare.c_str(), [&](benchmark::State& state) {
    TickLines lines(pass, "line-alone");
    for (auto _ : state) {
      pass.bare(bare.c_str());
      lines.append();
    }
  });
  add("all of it", counting, [&](benchmark::State& state) {
    TickLines lines(pass, "all");
    for (auto _ : state) {
      pass.through_connection();
      lines.append();
    }
  });
  return walsoak::benchmarks::run_program(argc, argv);
}
