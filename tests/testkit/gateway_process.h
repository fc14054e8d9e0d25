// The gateway's own program, as a child process that serves on a port of loopback.
#ifndef TESTS_TESTKIT_GATEWAY_PROCESS_H_
#define TESTS_TESTKIT_GATEWAY_PROCESS_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/channel_arguments.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace docspace::gateway::testkit {

// True if a process gives freed memory back, so that a test can limit what it holds. A sanitizer
// keeps what was freed.
#ifdef DOCSPACE_SANITIZER
inline constexpr bool kMemoryIsItsOwn = false;
#else
inline constexpr bool kMemoryIsItsOwn = true;
#endif

// The program is looked for where Bazel puts a test's data: `server/docspace-apikeys-gateway`.
class GatewayProcess {
 public:
  // Serves when it is constructed. `flags` as in `--threads=2`; `listen` as --listen takes it.
  // `standard_error` is a descriptor of the test's in place of the file that Lines reads. Throws
  // std::runtime_error, with what the program wrote, where it does not serve.
  explicit GatewayProcess(const std::string& portal_url, const std::vector<std::string>& flags = {},
                          const std::string& listen = "127.0.0.1:0", int standard_error = -1);
  // Kills it where it still runs.
  ~GatewayProcess();
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;

  // 127.0.0.1:port
  const std::string& address() const { return address_; }
  std::uint16_t port() const;
  // A channel with connections of its own, and without retries.
  std::shared_ptr<grpc::Channel> NewChannel(const grpc::ChannelArguments& arguments = {}) const;

  void Signal(int signal) const;
  bool HasEnded() const;
  // Its exit code once it has ended; negative, the signal that ended it. Kills it after a minute.
  int Wait();

  // From now on every descriptor more is one too many; what is open stays open.
  void ForbidDescriptors() const;
  void AllowDescriptors() const;
  std::size_t resident_kib() const;
  // The most that it ever was.
  std::size_t peak_resident_kib() const;

  // What it wrote, by lines: the log.
  std::vector<std::string> Lines() const;
  // Until a line holds `text`; false where that takes a minute.
  bool WaitForLine(std::string_view text) const;

 private:
  void Spawn(const std::vector<std::string>& arguments, int standard_error);
  void LimitDescriptors(bool forbidden) const;

  // Of its own: the ready file and the log.
  const std::filesystem::path folder_;
  pid_t process_ = 0;
  std::string address_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_GATEWAY_PROCESS_H_
