#include "bench/load/process.h"

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

namespace docspace::bench {
namespace {

// Returns the fields of /proc/PID/stat from the third on, proc(5).
std::istringstream StatOf(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  // The second field is the name of the program, in parentheses, which may hold any character.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) {
    throw std::runtime_error("there is no process " + std::to_string(process));
  }
  return std::istringstream(text.substr(name_end + 1));
}

void Skip(std::istringstream& fields, int count) {
  std::string field;
  for (int i = 0; i < count; ++i) fields >> field;
}

}  // namespace

std::chrono::microseconds CpuTimeOf(pid_t process) {
  auto fields = StatOf(process);
  Skip(fields, 11);
  std::int64_t user = 0;
  std::int64_t system = 0;
  fields >> user >> system;
  return std::chrono::microseconds((user + system) * 1'000'000 / sysconf(_SC_CLK_TCK));
}

std::int64_t ContextSwitchesOf(pid_t process) {
  std::int64_t switches = 0;
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::ifstream status(thread.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (!line.starts_with("voluntary_ctxt_switches:") &&
          !line.starts_with("nonvoluntary_ctxt_switches:")) {
        continue;
      }
      switches += std::stoll(line.substr(line.find(':') + 1));
    }
  }
  return switches;
}

std::size_t ResidentBytesOf(pid_t process) {
  auto fields = StatOf(process);
  Skip(fields, 21);
  std::size_t pages = 0;
  fields >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace docspace::bench
