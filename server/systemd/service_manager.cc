#include "server/systemd/service_manager.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace docspace::gateway::systemd {
namespace {

using std::chrono::microseconds;
using Variable = std::function<const char*(const char*)>;

// A longer time than any that is useful, so that computing with it cannot overflow.
constexpr std::uint64_t kLongestMicroseconds = std::uint64_t{24} * 60 * 60 * 1'000'000;

std::string ValueOf(const Variable& variable, const char* name) {
  const char* value = variable(name);
  return value == nullptr ? "" : value;
}

// Returns the time of WATCHDOG_USEC, unless WATCHDOG_PID says that it is for another process.
std::optional<microseconds> WatchdogTimeout(const Variable& variable) {
  const std::string process = ValueOf(variable, "WATCHDOG_PID");
  std::int64_t id = 0;
  if (!process.empty() && (!absl::SimpleAtoi(process, &id) || id != getpid())) return std::nullopt;
  std::uint64_t timeout = 0;
  if (!absl::SimpleAtoi(ValueOf(variable, "WATCHDOG_USEC"), &timeout) || timeout == 0) {
    return std::nullopt;
  }
  return microseconds(std::min(timeout, kLongestMicroseconds));
}

}  // namespace

ServiceManager::ServiceManager(FileDescriptor socket, std::optional<microseconds> watchdog_timeout)
    : socket_(std::make_shared<const FileDescriptor>(std::move(socket))),
      watchdog_timeout_(watchdog_timeout) {}

absl::StatusOr<ServiceManager> ServiceManager::FromEnvironment(const Variable& variable) {
  const std::string address = ValueOf(variable, "NOTIFY_SOCKET");
  if (address.empty()) return ServiceManager();
  sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
  const bool is_abstract = address.starts_with('@');
  if ((!is_abstract && !address.starts_with('/')) || address.size() < 2 ||
      address.size() >= sizeof(name.sun_path)) {
    return absl::InvalidArgumentError("NOTIFY_SOCKET is no path and no abstract socket");
  }
  std::memcpy(name.sun_path, address.data(), address.size());
  // The name of an abstract socket begins with a zero octet and has none at its end (unix(7)).
  if (is_abstract) name.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() +
                                             (is_abstract ? 0 : 1));
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return absl::UnavailableError("no socket for NOTIFY_SOCKET");
  FileDescriptor socket(descriptor);
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), length) != 0) {
    return absl::UnavailableError("nobody listens at the address of NOTIFY_SOCKET");
  }
  return ServiceManager(std::move(socket), WatchdogTimeout(variable));
}

void ServiceManager::IsReady(std::string_view status) const {
  Send("READY=1\nSTATUS=" + std::string(status.substr(0, status.find('\n'))));
}

void ServiceManager::IsReloading() const {
  // systemd compares the time with that of its own request, on the same clock.
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  Send(absl::StrCat("RELOADING=1\nMONOTONIC_USEC=",
                    std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

void ServiceManager::IsStopping(microseconds limit) const {
  const std::int64_t count =
      std::clamp<std::int64_t>(limit.count(), 0, static_cast<std::int64_t>(kLongestMicroseconds));
  Send(absl::StrCat("STOPPING=1\nEXTEND_TIMEOUT_USEC=", count));
}

void ServiceManager::IsAlive() const { Send("WATCHDOG=1"); }

void ServiceManager::Send(const std::string& message) const {
  if (socket_ == nullptr) return;
  send(socket_->get(), message.data(), message.size(), MSG_NOSIGNAL);
}

}  // namespace docspace::gateway::systemd
