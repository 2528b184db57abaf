// What walsoak trace costs the traced program: the same work in a program of its own, untraced, under the
// preloaded library, and attached to by strace where there is one that may.
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/program.h"
#include "benchmarks/traced_program.h"

namespace {

using walsoak::benchmarks::TracedProgram;
using walsoak::benchmarks::Tracing;
using walsoak::benchmarks::Work;

// Processor time is the program's, and not ours: scripts/lib/bench_ratios.py takes it from this counter.
constexpr const char* kChildCpu = "child_cpu_ns";

void ask(benchmark::State& state, Tracing tracing, Work work) {
  TracedProgram program(tracing);
  double cpu_ns = 0;
  for (auto _ : state) cpu_ns += static_cast<double>(program.work(work));
  state.counters[kChildCpu] = benchmark::Counter(cpu_ns, benchmark::Counter::kAvgIterations);
}

// Not every build can be preloaded into (sanitizers), and not every machine lets strace attach.
bool works(Tracing tracing) {
  try {
    TracedProgram program(tracing);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], walsoak::benchmarks::kWorkArgument) == 0) {
    return walsoak::benchmarks::work_when_asked(argc, argv);
  }
  std::vector<std::pair<const char*, Tracing>> variants = {{"bare", Tracing::none}};
  if (works(Tracing::preloaded)) variants.emplace_back("walsoak trace -- it", Tracing::preloaded);
  if (works(Tracing::attached)) variants.emplace_back("walsoak trace --pid", Tracing::attached);
  for (const auto& [group, work] : {std::pair("a program opens, reads, writes, closes", Work::open_close),
                                    std::pair("reads and writes on a held connection", Work::held),
                                    std::pair("opens and closes another file", Work::other_file)}) {
    for (const auto& [variant, tracing] : variants) {
      benchmark::RegisterBenchmark((std::string(group) + "/" + variant).c_str(), ask, tracing, work)
          ->UseRealTime();
    }
  }
  return walsoak::benchmarks::run_program(argc, argv);
}
