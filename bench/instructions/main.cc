// instructions PAYLOAD_FOLDER: runs each step of a call a hundred times under callgrind, which
// writes the instructions of each. See bench/instructions.sh.
#include <valgrind/callgrind.h>

#include <exception>
#include <iostream>
#include <span>

#include "bench/work/work.h"

int main(int argc, char** argv) {
  // Enough repetitions to average the occasional work of the allocator.
  constexpr int kTimes = 100;
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() != 2 || RUNNING_ON_VALGRIND == 0) {
    std::cerr << "Usage: valgrind --tool=callgrind instructions PAYLOAD_FOLDER\n";
    return 2;
  }
  try {
    for (const docspace::bench::Work& work : docspace::bench::AllWork(arguments[1])) {
      // The first run sets up all that exists once in the life of the process.
      work.run();
      CALLGRIND_ZERO_STATS;
      for (int i = 0; i < kTimes; ++i) work.run();
      CALLGRIND_DUMP_STATS_AT(work.name.c_str());
    }
  } catch (const std::exception& error) {
    std::cerr << "instructions: " << error.what() << '\n';
    return 1;
  }
}
