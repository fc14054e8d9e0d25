// micro: measures the time of each step of a call with Google Benchmark. `bazel run -c opt
// //bench/micro`.
#include <benchmark/benchmark.h>

#include <exception>
#include <iostream>

#include "bench/work/work.h"

int main(int argc, char** argv) {
  // The folder of the program's files, relative to the folder in which Bazel runs the program.
  constexpr char kPayloads[] = "bench/payloads";
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    for (const docspace::bench::Work& work : docspace::bench::AllWork(kPayloads)) {
      benchmark::RegisterBenchmark(work.name.c_str(), [run = work.run](benchmark::State& state) {
        for ([[maybe_unused]] const auto iteration : state) run();
      });
    }
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::cerr << "micro: " << error.what() << '\n';
    return 1;
  }
}
