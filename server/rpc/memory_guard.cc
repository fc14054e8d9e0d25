#include "server/rpc/memory_guard.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <new>
#include <utility>

namespace docspace::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The interval of the checks. Callers can make gRPC allocate some MiB in this time.
constexpr milliseconds kInterval(20);
// After this time the memory of a cut connection has been freed, or will not be freed soon.
constexpr milliseconds kPatience(200);
// The pause after glibc has returned memory, as a multiple of the time that took, because event
// loops may wait for it.
constexpr int kPausePerReturn = 2;

// The memory of this process that is resident. The file stays open, because opening it takes most
// of the time of a check.
class ResidentMemory {
 public:
  ResidentMemory() = default;
  ~ResidentMemory() {
    if (statm_ >= 0) close(statm_);
  }
  ResidentMemory(const ResidentMemory&) = delete;
  ResidentMemory& operator=(const ResidentMemory&) = delete;

  // Returns 0 if the kernel does not tell.
  std::size_t bytes() const {
    // The second number of the file is that of the resident pages.
    std::array<char, 128> text;
    const ssize_t size = pread(statm_, text.data(), text.size(), 0);
    const char* const end = text.data() + std::max<ssize_t>(size, 0);
    const char* const space = std::find<const char*>(text.data(), end, ' ');
    std::size_t pages = 0;
    if (space != end) std::from_chars(space + 1, end, pages);
    return pages * page_size_;
  }

 private:
  const int statm_ = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  const std::size_t page_size_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
};

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
  const ResidentMemory resident;
  while (!stopped.wait_for(lock, stop, pause, [&stop] { return stop.stop_requested(); })) {
    pause = kInterval;
    if (resident.bytes() <= limit_) continue;
    // glibc keeps freed memory, which must not count.
    const auto start = steady_clock::now();
    malloc_trim(0);
    const auto returning = std::chrono::ceil<milliseconds>(steady_clock::now() - start);
    pause = std::max(kInterval, kPausePerReturn * returning);
    if (resident.bytes() <= limit_) continue;
    pause = kPatience;
    try {
      if (connections_.CutBusiest()) {
        on_cut_("the process holds too much memory: the busiest connection is cut");
      }
    } catch (const std::bad_alloc&) {
      // The next check tries it again.
    }
  }
}

}  // namespace docspace::gateway
