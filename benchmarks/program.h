// The main() of every benchmark program: arguments as Google Benchmark takes them, exit codes as the house
// has them.
#pragma once

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <cstdio>
#include <exception>

namespace walsoak::benchmarks {

// A benchmark that cannot do its work throws: a wrong figure is worse than none. Returns the exit code: 4
// then, 3 for an argument that is not known or a filter that nothing matches, else 0.
inline int run_program(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 3;
  benchmark::AddCustomContext("sqlite", sqlite3_libversion());
  try {
    return benchmark::RunSpecifiedBenchmarks() > 0 ? 0 : 3;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 4;
  }
}

}  // namespace walsoak::benchmarks
