// An HTTP/2 client that sends what gRPC's own refuses to send, and minds no limit.
#ifndef TESTS_TESTKIT_RAW_HTTP2_CLIENT_H_
#define TESTS_TESTKIT_RAW_HTTP2_CLIENT_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace docspace::gateway::testkit {

// RFC 9113 section 6.
enum class FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kResetStream = 3,
  kSettings = 4,
  kPing = 6,
  kWindowUpdate = 8,
  kContinuation = 9
};
// RFC 9113 section 6.5.2.
inline constexpr std::uint16_t kInitialWindowSize = 4;
inline constexpr std::uint8_t kEndStream = 0x1;
inline constexpr std::uint8_t kAck = 0x1;
inline constexpr std::uint8_t kEndHeaders = 0x4;

// One frame, as octets.
std::string Frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload = "");

// The payload of a SETTINGS frame with that one setting.
std::string Setting(std::uint16_t id, std::uint32_t value);
// Allows the server so many octets more: of that stream, or of the connection where it is 0.
std::string WindowUpdate(std::uint32_t stream, std::uint32_t octets);

// The five bytes before a gRPC message that says that it has `length` bytes.
std::string MessagePrefix(std::size_t length, bool is_compressed = false);
// `bytes` in as many DATA frames as they need, the last of them with `flags`. Without bytes there
// is no frame.
std::string DataFrames(std::uint32_t stream, std::string_view bytes, std::uint8_t flags);

class RawHttp2Client {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  enum class Transport { kPlaintext, kTls };

  // Connects to that port of loopback, with a socket that buffers little of what it does not read
  // if `buffers_little`. Never acknowledges the server's SETTINGS, and verifies no certificate.
  // Throws std::system_error or std::runtime_error. Over TLS, SIGPIPE must be ignored.
  explicit RawHttp2Client(std::uint16_t port, bool buffers_little = false,
                          Transport transport = Transport::kPlaintext);
  ~RawHttp2Client() { HangUp(/*with_goodbye=*/true); }
  RawHttp2Client(const RawHttp2Client&) = delete;
  RawHttp2Client& operator=(const RawHttp2Client&) = delete;

  // Starts an RPC: `path` as in `/package.Service/Method`, `message` as protobuf serialises it.
  // `metadata` goes out as it is, whatever octets it holds. Returns the stream.
  std::uint32_t Call(std::string_view path, const Headers& metadata, std::string_view message = "");
  void Reset(std::uint32_t stream);
  // The frames with which Call starts: what it sends before the message.
  // `block` is what else stands in the block of headers, encoded.
  static std::string Head(std::uint32_t stream, std::string_view path, const Headers& metadata,
                          std::string_view block = "");
  // A block of those headers alone, as the payload of a frame.
  static std::string Encode(const Headers& headers);

  // Sends octets as they are. False where the connection is over, or the server reads nothing for
  // half a minute.
  bool Send(std::string_view octets);

  // Ends the connection, orderly or by a reset. Nothing else may be called then.
  void HangUp(bool with_goodbye);

  // Until the server has ended the stream; false where it ends the connection instead, or says
  // nothing for half a minute.
  bool WaitForEnd(std::uint32_t stream);
  // Reads until the server ends the connection; false if it sends nothing for half a minute.
  bool IsCut();
  // Until the server has read all that was sent; false as above.
  bool WaitForPong();
  // All that came so far: frames, in which gRPC's headers stand as they are, where they are the
  // first of their connection.
  const std::string& received() const { return received_; }

 private:
  bool ReceiveFrame();
  bool Receive(std::size_t size, std::string& octets);

  struct FreeSsl {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  void StartTls();

  int socket_;
  // Null in plaintext.
  std::unique_ptr<SSL_CTX, FreeSsl> tls_context_;
  std::unique_ptr<SSL, FreeSsl> tls_;
  std::uint32_t next_stream_ = 1;
  std::set<std::uint32_t> ended_;
  std::string received_;
  bool ponged_ = false;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_RAW_HTTP2_CLIENT_H_
