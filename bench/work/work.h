// The steps of a call that cost CPU, each on input made beforehand: what the micro-benchmarks time
// and what the regression guard counts the instructions of.
#ifndef BENCH_WORK_WORK_H_
#define BENCH_WORK_WORK_H_

#include <functional>
#include <string>
#include <vector>

namespace docspace::bench {

struct Work {
  std::string name;
  // Does it once. Throws where the outcome is not as it should be.
  std::function<void()> run;
};

// `payload_folder` has the files of //bench:payloads. Throws where they cannot be read.
std::vector<Work> AllWork(const std::string& payload_folder);

}  // namespace docspace::bench

#endif  // BENCH_WORK_WORK_H_
