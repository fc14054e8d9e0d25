// The number of processors that this process may use.
#ifndef SERVER_BASE_PROCESSORS_H_
#define SERVER_BASE_PROCESSORS_H_

#include <cstddef>
#include <filesystem>
#include <limits>

namespace docspace::gateway {

// Where Linux tells the control group of this process, and where the groups' limits are.
struct ControlGroupFiles {
  std::filesystem::path own_group = "/proc/self/cgroup";
  std::filesystem::path groups = "/sys/fs/cgroup";
};

// Means that no control group limits the processor time.
inline constexpr std::size_t kNoProcessorQuota = std::numeric_limits<std::size_t>::max();

// Returns the smallest quota of processor time of the control group of this process and of those
// that contain it, in processors, rounded up: 2 for "150000 100000" in cpu.max. Ignores what it
// cannot read, and version 1 of control groups. Source: the kernel's documentation of cgroup-v2.
std::size_t ProcessorQuota(const ControlGroupFiles& files);

// Returns the number of processors that the calling thread may use, at least 1: those of its
// affinity, and not more than its control group's quota. A container's limit of CPUs is such a
// quota, and std::thread::hardware_concurrency() does not know it.
std::size_t AvailableProcessors(const ControlGroupFiles& files = {});

}  // namespace docspace::gateway

#endif  // SERVER_BASE_PROCESSORS_H_
