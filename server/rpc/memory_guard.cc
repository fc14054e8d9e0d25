#include "server/rpc/memory_guard.h"

#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <utility>

namespace docspace::gateway {
namespace {

using std::chrono::milliseconds;

// The interval of the checks. Callers can make gRPC allocate some MiB in this time.
constexpr milliseconds kInterval(20);
// After this time the memory of a cut connection has been freed, or will not be freed soon.
constexpr milliseconds kPatience(200);

std::size_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

MemoryGuard::MemoryGuard(std::size_t limit, const Connections& connections,
                         std::function<void(std::string_view what)> on_cut)
    : limit_(limit),
      connections_(connections),
      on_cut_(std::move(on_cut)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void MemoryGuard::Run(const std::stop_token& stop) const {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  milliseconds pause = kInterval;
  while (!stopped.wait_for(lock, stop, pause, [&stop] { return stop.stop_requested(); })) {
    pause = kInterval;
    if (ResidentBytes() <= limit_) continue;
    // glibc keeps freed memory, which must not count.
    malloc_trim(0);
    if (ResidentBytes() <= limit_) continue;
    if (connections_.CutBusiest())
      on_cut_("the process holds too much memory: the busiest connection is cut");
    pause = kPatience;
  }
}

}  // namespace docspace::gateway
