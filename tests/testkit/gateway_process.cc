#include "tests/testkit/gateway_process.h"

#include <fcntl.h>
#include <grpcpp/create_channel.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "tests/testkit/channel.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

constexpr const char* kProgram = "server/docspace-apikeys-gateway";

std::filesystem::path NewFolder() {
  std::string path = std::filesystem::temp_directory_path() / "gateway-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "no folder for a gateway");
  }
  return path;
}

}  // namespace

GatewayProcess::GatewayProcess(const std::string& portal_url, const std::vector<std::string>& flags,
                               const std::string& listen, int standard_error)
    : folder_(NewFolder()) {
  const std::filesystem::path ready = folder_ / "ready";
  std::vector<std::string> arguments = {kProgram, "--docspace-url=" + portal_url,
                                        "--listen=" + listen, "--ready-file=" + ready.string()};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  Spawn(arguments, standard_error);
  WaitUntil([&] { return std::filesystem::exists(ready) || HasEnded(); });
  std::getline(std::ifstream(ready), address_);
  if (!address_.empty()) return;
  std::string why = "the gateway does not serve";
  for (const std::string& line : Lines()) why += "\n" + line;
  throw std::runtime_error(why);
}

void GatewayProcess::Spawn(const std::vector<std::string>& arguments, int standard_error) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (standard_error >= 0) {
    posix_spawn_file_actions_adddup2(&actions, standard_error, STDERR_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (folder_ / "log").c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
  }
  const int error = posix_spawn(&process_, kProgram, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), kProgram);
}

GatewayProcess::~GatewayProcess() {
  if (process_ != 0) {
    Signal(SIGKILL);
    Wait();
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::shared_ptr<grpc::Channel> GatewayProcess::NewChannel(
    const grpc::ChannelArguments& arguments) const {
  return NewChannelTo(address_, arguments);
}

void GatewayProcess::Signal(int signal) const { kill(process_, signal); }

bool GatewayProcess::HasEnded() const {
  if (process_ == 0) return true;
  siginfo_t info = {};
  waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT);
  return info.si_pid != 0;
}

int GatewayProcess::Wait() {
  if (!WaitUntil([this] { return HasEnded(); })) Signal(SIGKILL);
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void GatewayProcess::ForbidDescriptors() const { LimitDescriptors(true); }
void GatewayProcess::AllowDescriptors() const { LimitDescriptors(false); }

void GatewayProcess::LimitDescriptors(bool forbidden) const {
  rlimit limit{};
  if (prlimit(process_, RLIMIT_NOFILE, nullptr, &limit) == 0) {
    limit.rlim_cur = forbidden ? 0 : limit.rlim_max;
    if (prlimit(process_, RLIMIT_NOFILE, &limit, nullptr) == 0) return;
  }
  throw std::system_error(errno, std::generic_category(), "prlimit");
}

std::uint16_t GatewayProcess::port() const {
  return static_cast<std::uint16_t>(std::stoul(address_.substr(address_.rfind(':') + 1)));
}

std::size_t GatewayProcess::peak_resident_kib() const {
  constexpr std::string_view kName = "VmHWM:";
  std::ifstream status("/proc/" + std::to_string(process_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(kName)) return std::stoul(line.substr(kName.size()));
  }
  return 0;
}

std::size_t GatewayProcess::resident_kib() const {
  std::size_t pages = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/" + std::to_string(process_) + "/statm") >> pages >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

std::vector<std::string> GatewayProcess::Lines() const {
  std::vector<std::string> lines;
  std::ifstream log(folder_ / "log");
  for (std::string line; std::getline(log, line);) lines.push_back(line);
  return lines;
}

bool GatewayProcess::WaitForLine(std::string_view text) const {
  return WaitUntil([&] {
    const std::vector<std::string> lines = Lines();
    return std::any_of(lines.begin(), lines.end(), [text](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  });
}

}  // namespace docspace::gateway::testkit
