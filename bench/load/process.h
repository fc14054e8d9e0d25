// The resources that another process has used, from /proc.
#ifndef BENCH_LOAD_PROCESS_H_
#define BENCH_LOAD_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace docspace::bench {

// Returns user and system time of all threads, including those that have ended, in steps of the
// kernel's clock tick, usually 10 ms. Throws if there is no such process.
std::chrono::microseconds CpuTimeOf(pid_t process);

// Returns the context switches of the threads that have not ended. Throws if there is no such
// process.
std::int64_t ContextSwitchesOf(pid_t process);

// Returns the resident memory. Throws if there is no such process.
std::size_t ResidentBytesOf(pid_t process);

}  // namespace docspace::bench

#endif  // BENCH_LOAD_PROCESS_H_
