#include "tests/testkit/raw_http2_client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace docspace::gateway::testkit {
namespace {

constexpr std::size_t kMaxFrame = 16'384;
constexpr std::size_t kFrameHeader = 9;
constexpr std::string_view kPing = "WaitPong";

std::string BigEndian(std::uint32_t number, int octets) {
  std::string text;
  for (int i = octets - 1; i >= 0; --i) text += static_cast<char>(number >> (8 * i));
  return text;
}

// Appends a string literal of RFC 7541 section 5.2, without Huffman coding.
void AppendString(std::string& block, std::string_view text) {
  std::size_t size = text.size();
  if (size < 127) {
    block += static_cast<char>(size);
  } else {
    block += '\x7f';
    for (size -= 127; size >= 128; size /= 128) block += static_cast<char>(size % 128 + 128);
    block += static_cast<char>(size);
  }
  block.append(text);
}

// Appends a literal header field without indexing, RFC 7541 section 6.2.2.
void AppendHeader(std::string& block, std::string_view name, std::string_view value) {
  block += '\0';
  AppendString(block, name);
  AppendString(block, value);
}

}  // namespace

std::string Frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  std::string frame = BigEndian(static_cast<std::uint32_t>(payload.size()), 3);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  return frame.append(BigEndian(stream, 4)).append(payload);
}

std::string Setting(std::uint16_t id, std::uint32_t value) {
  return BigEndian(id, 2) + BigEndian(value, 4);
}

std::string WindowUpdate(std::uint32_t stream, std::uint32_t octets) {
  return Frame(FrameType::kWindowUpdate, 0, stream, BigEndian(octets, 4));
}

std::string MessagePrefix(std::size_t length, bool is_compressed) {
  return std::string(1, is_compressed ? '\1' : '\0') +
         BigEndian(static_cast<std::uint32_t>(length), 4);
}

std::string DataFrames(std::uint32_t stream, std::string_view bytes, std::uint8_t flags) {
  std::string frames;
  for (std::size_t at = 0; at < bytes.size(); at += kMaxFrame) {
    const std::string_view part = bytes.substr(at, kMaxFrame);
    const bool is_last = at + part.size() == bytes.size();
    frames += Frame(FrameType::kData, is_last ? flags : 0, stream, part);
  }
  return frames;
}

RawHttp2Client::RawHttp2Client(std::uint16_t port, bool buffers_little, Transport transport)
    : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  constexpr int kLittle = 4096;
  if (buffers_little) setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kLittle, sizeof kLittle);
  const timeval patience{.tv_sec = 30, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
  if (transport == Transport::kTls) StartTls();
  Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(FrameType::kSettings, 0, 0));
}

void RawHttp2Client::StartTls() {
  tls_context_.reset(SSL_CTX_new(TLS_client_method()));
  tls_.reset(SSL_new(tls_context_.get()));
  SSL_set_fd(tls_.get(), socket_);
  constexpr unsigned char kH2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(tls_.get(), kH2, sizeof kH2);
  if (SSL_connect(tls_.get()) != 1) throw std::runtime_error("no TLS with the gateway");
}

void RawHttp2Client::HangUp(bool with_goodbye) {
  if (socket_ < 0) return;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  if (!with_goodbye) setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(std::exchange(socket_, -1));
}

std::string RawHttp2Client::Encode(const Headers& headers) {
  std::string block;
  for (const auto& [name, value] : headers) AppendHeader(block, name, value);
  return block;
}

std::string RawHttp2Client::Head(std::uint32_t stream, std::string_view path,
                                 const Headers& metadata, std::string_view further) {
  std::string block = Encode({{":method", "POST"},
                              {":scheme", "http"},
                              {":path", std::string(path)},
                              {":authority", "localhost"},
                              {"te", "trailers"},
                              {"content-type", "application/grpc"}}) +
                      Encode(metadata);
  block.append(further);
  std::string frames;
  for (std::size_t at = 0; at < block.size(); at += kMaxFrame) {
    const std::string_view part = std::string_view(block).substr(at, kMaxFrame);
    const std::uint8_t flags = at + part.size() == block.size() ? kEndHeaders : 0;
    frames += Frame(at == 0 ? FrameType::kHeaders : FrameType::kContinuation, flags, stream, part);
  }
  return frames;
}

std::uint32_t RawHttp2Client::Call(std::string_view path, const Headers& metadata,
                                   std::string_view message) {
  const std::uint32_t stream = next_stream_;
  next_stream_ += 2;
  const std::string body = MessagePrefix(message.size()).append(message);
  Send(Head(stream, path, metadata) + DataFrames(stream, body, kEndStream));
  return stream;
}

void RawHttp2Client::Reset(std::uint32_t stream) {
  Send(Frame(FrameType::kResetStream, 0, stream, BigEndian(8, 4)));
}

bool RawHttp2Client::WaitForEnd(std::uint32_t stream) {
  while (!ended_.contains(stream)) {
    if (!ReceiveFrame()) return false;
  }
  return true;
}

bool RawHttp2Client::WaitForEnds(std::size_t count) {
  while (ended_.size() < count) {
    if (!ReceiveFrame()) return false;
  }
  return true;
}

bool RawHttp2Client::IsCut() {
  while (ReceiveFrame()) {
  }
  return errno != EAGAIN;
}

bool RawHttp2Client::WaitForPong() {
  ponged_ = false;
  Send(Frame(FrameType::kPing, 0, 0, kPing));
  while (!ponged_) {
    if (!ReceiveFrame()) return false;
  }
  return true;
}

bool RawHttp2Client::ReceiveFrame() {
  std::string head;
  std::string payload;
  if (!Receive(kFrameHeader, head)) return false;
  const auto octet = [&head](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(head[i]));
  };
  if (!Receive(octet(0) << 16 | octet(1) << 8 | octet(2), payload)) return false;
  const std::uint32_t stream = octet(5) << 24 | octet(6) << 16 | octet(7) << 8 | octet(8);
  const auto type = static_cast<FrameType>(octet(3));
  const std::uint32_t flags = octet(4);
  if (type == FrameType::kPing && (flags & kAck) == 0) {
    Send(Frame(FrameType::kPing, kAck, 0, payload));
  }
  ponged_ |= type == FrameType::kPing && (flags & kAck) != 0 && payload == kPing;
  if (type == FrameType::kResetStream ||
      ((type == FrameType::kHeaders || type == FrameType::kData) && (flags & kEndStream) != 0)) {
    ended_.insert(stream);
  }
  return true;
}

bool RawHttp2Client::Send(std::string_view octets) {
  if (tls_) return SSL_write(tls_.get(), octets.data(), static_cast<int>(octets.size())) > 0;
  while (!octets.empty()) {
    const ssize_t sent = send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawHttp2Client::SetPatienceOfSend(std::chrono::seconds patience) {
  const timeval time{.tv_sec = patience.count(), .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

bool RawHttp2Client::Receive(std::size_t size, std::string& octets) {
  octets.resize(size);
  std::size_t received = 0;
  while (received < size) {
    errno = 0;
    const ssize_t more =
        tls_ ? SSL_read(tls_.get(), octets.data() + received, static_cast<int>(size - received))
             : recv(socket_, octets.data() + received, size - received, 0);
    if (more <= 0) return false;
    received += static_cast<std::size_t>(more);
  }
  received_ += octets;
  return true;
}

}  // namespace docspace::gateway::testkit
