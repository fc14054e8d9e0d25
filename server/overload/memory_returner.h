// Gives the memory that a burst of calls or connections has freed back to the kernel.
#ifndef SERVER_OVERLOAD_MEMORY_RETURNER_H_
#define SERVER_OVERLOAD_MEMORY_RETURNER_H_

#include <chrono>
#include <cstddef>
#include <functional>

namespace docspace::gateway {

// `MemoryReturner` decides when to trim the heap, because glibc keeps what is freed. malloc_trim
// holds the lock of each thread's heap in turn, for tens of milliseconds after a large burst, and
// an event loop would wait for it. So it trims only when no call is in flight, and only if the
// process has worked since the last time. The CPU time tells that it has: calls between two ticks,
// and connections that close after the last call, are seen by nothing else.
//
// Not thread-safe.
class MemoryReturner {
 public:
  using CpuTime = std::chrono::nanoseconds;

  // Less work than this leaves little memory to return. A gateway without calls does as much in
  // about half a minute.
  static constexpr CpuTime kWork = std::chrono::milliseconds(100);

  // `cpu_time` returns the CPU time of the process; `trim` returns memory to the kernel.
  MemoryReturner(std::function<CpuTime()> cpu_time, std::function<void()> trim);

  // Trims if this is the second time in a row without a call in flight, and if the process has
  // worked since it last trimmed. Must be called every few seconds.
  void Tick(std::size_t calls_in_flight);

 private:
  const std::function<CpuTime()> cpu_time_;
  const std::function<void()> trim_;
  bool was_quiet_ = false;
  // The CPU time after the last trim.
  CpuTime trimmed_at_{0};
};

// Returns the CPU time of this process, of all its threads, in user and kernel mode.
MemoryReturner::CpuTime ProcessCpuTime();

}  // namespace docspace::gateway

#endif  // SERVER_OVERLOAD_MEMORY_RETURNER_H_
