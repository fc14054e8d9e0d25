// An HTTP/2 client that can send what gRPC's own client refuses to send, and that respects no
// limit.
#ifndef TESTS_TESTKIT_RAW_HTTP2_CLIENT_H_
#define TESTS_TESTKIT_RAW_HTTP2_CLIENT_H_

#include <openssl/ssl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace docspace::gateway::testkit {

// Frame types of RFC 9113 section 6.
enum class FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kResetStream = 3,
  kSettings = 4,
  kPing = 6,
  kWindowUpdate = 8,
  kContinuation = 9
};
// The identifier of a setting in RFC 9113 section 6.5.2.
inline constexpr std::uint16_t kInitialWindowSize = 4;
inline constexpr std::uint8_t kEndStream = 0x1;
inline constexpr std::uint8_t kAck = 0x1;
inline constexpr std::uint8_t kEndHeaders = 0x4;

// Returns one frame in wire format.
std::string Frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload = "");

// Returns the payload of a SETTINGS frame with that one setting.
std::string Setting(std::uint16_t id, std::uint32_t value);
// Returns a WINDOW_UPDATE frame that allows the server to send that many more bytes on the stream,
// or on the connection if `stream` is 0.
std::string WindowUpdate(std::uint32_t stream, std::uint32_t octets);

// Returns the five bytes that precede a gRPC message of `length` bytes.
std::string MessagePrefix(std::size_t length, bool is_compressed = false);
// Returns `bytes` in as many DATA frames as they need; the last frame has `flags`. Returns nothing
// if `bytes` is empty.
std::string DataFrames(std::uint32_t stream, std::string_view bytes, std::uint8_t flags);

// `RawHttp2Client` is one HTTP/2 connection. Blocking; not thread-safe.
class RawHttp2Client {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  enum class Transport { kPlaintext, kTls };

  // Connects to that port of loopback. If `buffers_little`, the socket's receive buffer is small.
  // The client never acknowledges the server's SETTINGS and does not verify its certificate. Throws
  // std::system_error or std::runtime_error. With TLS, SIGPIPE must be ignored.
  explicit RawHttp2Client(std::uint16_t port, bool buffers_little = false,
                          Transport transport = Transport::kPlaintext);
  ~RawHttp2Client() { HangUp(/*with_goodbye=*/true); }
  RawHttp2Client(const RawHttp2Client&) = delete;
  RawHttp2Client& operator=(const RawHttp2Client&) = delete;

  // Starts an RPC and returns its stream. `path` has the form `/package.Service/Method`; `message`
  // is serialised protobuf. `metadata` is sent unchanged, including bytes that HTTP/2 forbids.
  std::uint32_t Call(std::string_view path, const Headers& metadata, std::string_view message = "");
  void Reset(std::uint32_t stream);
  // Returns the frames that Call sends before the message. `block` holds further encoded headers,
  // which are appended to the header block.
  static std::string Head(std::uint32_t stream, std::string_view path, const Headers& metadata,
                          std::string_view block = "");
  // Returns a header block of those headers alone, as the payload of a frame.
  static std::string Encode(const Headers& headers);

  // Sends bytes unchanged. Returns false if the connection is closed or the server reads nothing
  // for half a minute, or for the time that was set.
  bool Send(std::string_view octets);
  // Sets how long Send waits for the server to read.
  void SetPatienceOfSend(std::chrono::seconds patience);

  // Closes the connection, with an orderly shutdown or a reset. Nothing else may be called
  // afterwards.
  void HangUp(bool with_goodbye);

  // Waits until the server has ended the stream. Returns false if the server closes the connection
  // instead or sends nothing for half a minute.
  bool WaitForEnd(std::uint32_t stream);
  // Waits until the server has ended that many streams. Returns false as WaitForEnd does.
  bool WaitForEnds(std::size_t count);
  // Reads until the server closes the connection. Returns false if it sends nothing for half a
  // minute.
  bool IsCut();
  // Waits for the response to a PING, which means that the server has read everything sent before
  // it. Returns false as WaitForEnd does.
  bool WaitForPong();
  // Returns all bytes received so far. They are frames; a header that gRPC sends for the first time
  // on the connection is readable in them as plain text.
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
