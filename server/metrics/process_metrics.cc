#include "server/metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <sstream>
#include <string>

#include "server/metrics/sample.h"

namespace docspace::gateway {
namespace {

using prometheus::MetricType;

std::string Read(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The fields of /proc/self/stat, numbered from 1 as in proc(5). The second is the process's name,
// which may hold any character.
class Stat {
 public:
  Stat() {
    const std::string text = Read("/proc/self/stat");
    const std::size_t end_of_name = text.rfind(')');
    if (end_of_name == std::string::npos) return;
    std::istringstream rest(text.substr(end_of_name + 1));
    fields_.assign(std::istream_iterator<std::string>(rest), {});
  }

  std::optional<double> Field(std::size_t number) const {
    const std::size_t index = number - 3;
    if (index >= fields_.size()) return std::nullopt;
    return std::stod(fields_[index]);
  }

 private:
  std::vector<std::string> fields_;
};

std::optional<double> BootTime() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return std::nullopt;
}

std::optional<double> OpenDescriptors() {
  std::error_code error;
  std::filesystem::directory_iterator each("/proc/self/fd", error);
  if (error) return std::nullopt;
  double count = 0;
  for (; each != std::filesystem::directory_iterator(); each.increment(error)) ++count;
  // The iterator has one of the descriptors open.
  return count - 1;
}

double MaxDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity()
                                         : static_cast<double>(limit.rlim_cur);
}

std::optional<double> Times(std::optional<double> value, double factor) {
  return value ? std::optional(*value * factor) : std::nullopt;
}

std::optional<double> Plus(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::optional(*a + *b) : std::nullopt;
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  const Stat stat;
  const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  std::vector<prometheus::MetricFamily> families;
  const auto add = [&families](const char* name, MetricType type, const char* help,
                               std::optional<double> value) {
    if (!value) return;
    AddSample(families.emplace_back(SampledFamily(name, type, help)), {}, *value);
  };
  add("process_cpu_seconds_total", MetricType::Counter, "CPU time, in user and kernel mode.",
      Times(Plus(stat.Field(14), stat.Field(15)), tick));
  add("process_resident_memory_bytes", MetricType::Gauge, "Memory that is resident.",
      Times(stat.Field(24), page));
  add("process_virtual_memory_bytes", MetricType::Gauge, "Address space that is mapped.",
      stat.Field(23));
  add("process_open_fds", MetricType::Gauge, "File descriptors that are open.", OpenDescriptors());
  add("process_max_fds", MetricType::Gauge, "File descriptors that may be open.", MaxDescriptors());
  add("process_start_time_seconds", MetricType::Gauge,
      "The time at which the process started, in seconds since 1970.",
      Plus(BootTime(), Times(stat.Field(22), tick)));
  add("process_threads", MetricType::Gauge, "Threads.", stat.Field(20));
  return families;
}

}  // namespace docspace::gateway
