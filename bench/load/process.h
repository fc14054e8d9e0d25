// What another process has used, from /proc.
#ifndef BENCH_LOAD_PROCESS_H_
#define BENCH_LOAD_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace docspace::bench {

// User and system time of all its threads, those that have ended too; in steps of the kernel's
// clock tick, 10 ms as a rule. Throws where there is no such process.
std::chrono::microseconds CpuTimeOf(pid_t process);

// Of its threads that have not ended. Throws where there is no such process.
std::int64_t ContextSwitchesOf(pid_t process);

// Throws where there is no such process.
std::size_t ResidentBytesOf(pid_t process);

}  // namespace docspace::bench

#endif  // BENCH_LOAD_PROCESS_H_
