#include "server/overload/memory_returner.h"

#include <ctime>
#include <utility>

namespace docspace::gateway {

MemoryReturner::MemoryReturner(std::function<CpuTime()> cpu_time, std::function<void()> trim)
    : cpu_time_(std::move(cpu_time)), trim_(std::move(trim)) {}

void MemoryReturner::Tick(std::size_t calls_in_flight) {
  const bool is_quiet = calls_in_flight == 0;
  if (is_quiet && was_quiet_ && cpu_time_() - trimmed_at_ >= kWork) {
    trim_();
    // The trim itself is no work that frees memory.
    trimmed_at_ = cpu_time_();
  }
  was_quiet_ = is_quiet;
}

MemoryReturner::CpuTime ProcessCpuTime() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace docspace::gateway
