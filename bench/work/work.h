// The steps of a call that cost CPU, each with input made beforehand. The micro-benchmarks measure
// their time, and the regression guard counts their instructions.
#ifndef BENCH_WORK_WORK_H_
#define BENCH_WORK_WORK_H_

#include <functional>
#include <string>
#include <vector>

namespace docspace::bench {

struct Work {
  std::string name;
  // Does the step once. Throws if the result is wrong.
  std::function<void()> run;
};

// Returns all steps. `payload_folder` has the files of //bench:payloads. Throws if they cannot be
// read.
std::vector<Work> AllWork(const std::string& payload_folder);

}  // namespace docspace::bench

#endif  // BENCH_WORK_WORK_H_
