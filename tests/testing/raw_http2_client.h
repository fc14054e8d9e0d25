// An HTTP/2 client that sends what gRPC's own refuses to send, and minds no limit.
#ifndef TESTS_TESTING_RAW_HTTP2_CLIENT_H_
#define TESTS_TESTING_RAW_HTTP2_CLIENT_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace docspace::gateway::testing {

class RawHttp2Client {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // Connects to that port of loopback. Never acknowledges the server's SETTINGS. Throws
  // std::system_error.
  explicit RawHttp2Client(std::uint16_t port);
  // Without a goodbye.
  ~RawHttp2Client();
  RawHttp2Client(const RawHttp2Client&) = delete;
  RawHttp2Client& operator=(const RawHttp2Client&) = delete;

  // Starts an RPC: `path` as in `/package.Service/Method`, `message` as protobuf serialises it.
  // `metadata` goes out as it is, whatever octets it holds. Returns the stream.
  std::uint32_t Call(std::string_view path, const Headers& metadata, std::string_view message = "");
  void Reset(std::uint32_t stream);

  // Until the server has ended the stream; false where it ends the connection instead, or says
  // nothing for half a minute.
  bool WaitForEnd(std::uint32_t stream);

 private:
  void Send(std::string_view octets);
  bool Receive(std::size_t size, std::string& octets);

  int socket_;
  std::uint32_t next_stream_ = 1;
  std::set<std::uint32_t> ended_;
};

}  // namespace docspace::gateway::testing

#endif  // TESTS_TESTING_RAW_HTTP2_CLIENT_H_
