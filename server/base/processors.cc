#include "server/base/processors.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>

namespace docspace::gateway {
namespace {

namespace fs = std::filesystem;

// The quota of one group. Its file has two numbers of microseconds, or "max" as the first.
std::size_t QuotaOf(const fs::path& group) {
  std::ifstream file(group / "cpu.max");
  std::int64_t quota = 0;
  std::int64_t period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return kNoProcessorQuota;
  return static_cast<std::size_t>(quota / period + (quota % period != 0 ? 1 : 0));
}

// The path of this process's group below the folder of all groups; empty if there is none. A
// container may see a path of its host, which does not exist there; its own group is then the
// folder itself.
fs::path OwnGroup(const fs::path& file) {
  constexpr std::string_view kVersion2 = "0::/";
  std::ifstream groups(file);
  for (std::string line; std::getline(groups, line);) {
    if (line.starts_with(kVersion2)) return line.substr(kVersion2.size());
  }
  return {};
}

std::size_t ProcessorsOfAffinity() {
  cpu_set_t processors;
  // It fails on a machine with more processors than the set has room for.
  if (sched_getaffinity(0, sizeof processors, &processors) == 0) return CPU_COUNT(&processors);
  return std::thread::hardware_concurrency();
}

}  // namespace

std::size_t ProcessorQuota(const ControlGroupFiles& files) {
  std::size_t smallest = QuotaOf(files.groups);
  fs::path group = files.groups;
  for (const fs::path& part : OwnGroup(files.own_group)) {
    group /= part;
    smallest = std::min(smallest, QuotaOf(group));
  }
  return smallest;
}

std::size_t AvailableProcessors(const ControlGroupFiles& files) {
  return std::max<std::size_t>(1, std::min(ProcessorsOfAffinity(), ProcessorQuota(files)));
}

}  // namespace docspace::gateway
