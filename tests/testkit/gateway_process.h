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

// `GatewayProcess` runs the program that Bazel provides as the test's data:
// `server/docspace-apikeys-gateway`.
class GatewayProcess {
 public:
  // Starts the program and waits until it serves. `flags` are written like `--threads=2`; `listen`
  // is the value of --listen. If `standard_error` is a descriptor, the log goes there instead of to
  // the file that Lines reads. Throws std::runtime_error with the program's output if it does not
  // serve.
  explicit GatewayProcess(const std::string& portal_url, const std::vector<std::string>& flags = {},
                          const std::string& listen = "127.0.0.1:0", int standard_error = -1);
  // Kills the process if it still runs.
  ~GatewayProcess();
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;

  // The address in the form 127.0.0.1:port.
  const std::string& address() const { return address_; }
  std::uint16_t port() const;
  // Returns a channel that shares no connection with another channel and does not retry.
  std::shared_ptr<grpc::Channel> NewChannel(const grpc::ChannelArguments& arguments = {}) const;

  void Signal(int signal) const;
  bool HasEnded() const;
  // Waits for the end of the process and returns its exit code, or the negative number of the
  // signal that ended it. Kills the process after a minute.
  int Wait();

  // `ForbidDescriptors` lets the process open no further file descriptor; those that are open stay
  // open. `AllowDescriptors` ends that.
  void ForbidDescriptors() const;
  void AllowDescriptors() const;
  std::size_t resident_kib() const;
  // Returns the largest resident size so far.
  std::size_t peak_resident_kib() const;

  // Returns the lines of the log.
  std::vector<std::string> Lines() const;
  // Waits until a line contains `text`. Returns false after a minute.
  bool WaitForLine(std::string_view text) const;

 private:
  void Spawn(const std::vector<std::string>& arguments, int standard_error);
  void LimitDescriptors(bool forbidden) const;

  // The folder of this process, with the ready file and the log.
  const std::filesystem::path folder_;
  pid_t process_ = 0;
  std::string address_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_GATEWAY_PROCESS_H_
