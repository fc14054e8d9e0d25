#include "tests/soak/faulty_proxy.h"

#include <strings.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

namespace docspace::gateway::testkit {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// Returns the value of a header in `head`, or an empty string if there is none.
std::string_view HeaderIn(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    if (line.size() > name.size() + 1 && line[name.size()] == ':' &&
        strncasecmp(line.data(), name.data(), name.size()) == 0) {
      return line.substr(line.find_first_not_of(' ', name.size() + 1));
    }
  }
  return {};
}

// Returns whether `octets` is a whole message. The gateway and the emulator always frame their
// messages correctly.
bool IsWhole(std::string_view octets) {
  const std::size_t head = octets.find("\r\n\r\n");
  if (head == std::string_view::npos) return false;
  if (HeaderIn(octets.substr(0, head), "Transfer-Encoding") == "chunked") {
    return octets.ends_with("\r\n0\r\n\r\n");
  }
  const std::string_view text = HeaderIn(octets.substr(0, head), "Content-Length");
  std::size_t length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return octets.size() >= head + 4 + length;
}

// Reads a message; returns nothing if the connection ends first.
asio::awaitable<std::optional<std::string>> ReadMessage(tcp::socket& socket) {
  std::string message;
  while (message.empty() || !IsWhole(message)) {
    std::array<char, 4096> some{};
    const auto [error, size] = co_await socket.async_read_some(asio::buffer(some), kAsTuple);
    if (error) co_return std::nullopt;
    message.append(some.data(), size);
  }
  co_return message;
}

asio::awaitable<bool> Send(tcp::socket& socket, std::string_view octets) {
  const auto [error, size] =
      co_await asio::async_write(socket, asio::buffer(octets.data(), octets.size()), kAsTuple);
  co_return !error;
}

// Makes the socket send RST instead of FIN when it is destroyed.
void ResetAtEnd(tcp::socket& socket) {
  boost::system::error_code error;
  socket.set_option(asio::socket_base::linger(true, 0), error);
}

std::string SecondAnswer() {
  const std::string body = R"({"response":{"id":"00000000-0000-0000-0000-000000000000","name":")" +
                           std::string(kForeignName) + R"("},"status":0,"statusCode":200})";
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

std::string_view ToString(ProxyFault fault) {
  constexpr std::array<std::string_view, kProxyFaults> kNames = {"reset on accept",
                                                                 "reset before portal",
                                                                 "close before portal",
                                                                 "reset after portal",
                                                                 "close after portal",
                                                                 "reset in answer",
                                                                 "close in answer",
                                                                 "stall",
                                                                 "delay",
                                                                 "octet by octet",
                                                                 "garbage",
                                                                 "second answer"};
  return kNames.at(static_cast<std::size_t>(fault));
}

FaultyProxy::FaultyProxy(std::uint16_t portal_port, double share, unsigned seed)
    : portal_port_(portal_port),
      share_(share),
      random_(seed),
      acceptor_(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
  asio::co_spawn(loop_, Accept(), asio::detached);
  thread_ = std::thread([this] { loop_.run(); });
}

FaultyProxy::~FaultyProxy() {
  loop_.stop();
  thread_.join();
}

std::string FaultyProxy::url() const {
  return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

std::uint64_t FaultyProxy::faults() const {
  std::uint64_t sum = 0;
  for (const auto& count : counts_) sum += count;
  return sum;
}

bool FaultyProxy::Draw() { return std::uniform_real_distribution<>()(random_) < share_; }

// Draws any fault except kResetOnAccept. Stalls are rare because a stall costs its caller the whole
// deadline.
ProxyFault FaultyProxy::DrawFault() {
  std::uniform_int_distribution<std::size_t> any(1, kProxyFaults - 1);
  const auto drawn = static_cast<ProxyFault>(any(random_));
  const bool rarely = std::uniform_int_distribution<>(1, 10)(random_) == 1;
  return drawn == ProxyFault::kStall && !rarely ? ProxyFault::kDelay : drawn;
}

void FaultyProxy::Note(std::string_view request) {
  if (request.starts_with("GET ")) return;
  const std::string_view id = HeaderIn(request.substr(0, request.find("\r\n\r\n")), "X-Request-Id");
  if (!writes_.insert(std::hash<std::string_view>()(id)).second) ++repeated_writes_;
}

FaultyProxy::Task<void> FaultyProxy::Accept() {
  while (true) {
    auto [error, caller] = co_await acceptor_.async_accept(kAsTuple);
    if (error) continue;
    std::uniform_int_distribution<> one_in_ten(1, 10);
    if (Draw() && one_in_ten(random_) == 1) {
      Count(ProxyFault::kResetOnAccept);
      ResetAtEnd(caller);
      continue;
    }
    asio::co_spawn(loop_, Serve(std::move(caller)), asio::detached);
  }
}

FaultyProxy::Task<void> FaultyProxy::Serve(Socket caller) {
  Socket portal(loop_);
  const tcp::endpoint address(asio::ip::address_v4::loopback(), portal_port_);
  const auto [refused] = co_await portal.async_connect(address, kAsTuple);
  if (refused) co_return;
  caller.set_option(tcp::no_delay(true));
  portal.set_option(tcp::no_delay(true));
  ResetAtEnd(portal);  // Avoids running out of ports in TIME_WAIT.
  while (true) {
    const auto request = co_await ReadMessage(caller);
    if (!request) co_return;
    Note(*request);
    const bool harmed = Draw();
    const ProxyFault fault = DrawFault();
    if (harmed &&
        (fault == ProxyFault::kResetBeforePortal || fault == ProxyFault::kCloseBeforePortal)) {
      Count(fault);
      if (fault == ProxyFault::kResetBeforePortal) ResetAtEnd(caller);
      co_return;
    }
    const bool sent = co_await Send(portal, *request);
    if (!sent) co_return;
    auto answer = co_await ReadMessage(portal);
    if (!answer) co_return;
    bool goes_on = false;
    if (harmed) {
      Count(fault);
      goes_on = co_await Harm(fault, caller, *std::move(answer));
    } else {
      goes_on = co_await Send(caller, *answer);
    }
    if (!goes_on) co_return;
  }
}

FaultyProxy::Task<bool> FaultyProxy::Harm(ProxyFault fault, Socket& caller, std::string answer) {
  switch (fault) {
    case ProxyFault::kResetInAnswer:
    case ProxyFault::kCloseInAnswer: {
      std::uniform_int_distribution<std::size_t> some(1, answer.size() - 1);
      answer.resize(some(random_));
      co_await Send(caller, answer);
      if (fault == ProxyFault::kResetInAnswer) ResetAtEnd(caller);
      co_return false;
    }
    case ProxyFault::kStall: {
      char octet = 0;
      co_await caller.async_read_some(asio::buffer(&octet, 1), kAsTuple);
      co_return false;
    }
    case ProxyFault::kDelay: {
      std::uniform_int_distribution<> upto(1, 20);
      asio::steady_timer timer(loop_, std::chrono::milliseconds(upto(random_)));
      co_await timer.async_wait(kAsTuple);
      break;
    }
    case ProxyFault::kOctetByOctet:
      for (const char& octet : answer) {
        const bool sent = co_await Send(caller, std::string_view(&octet, 1));
        if (!sent) co_return false;
      }
      co_return true;
    case ProxyFault::kGarbage:
      answer.insert(0, "\x16\x03\x01garbage\r\n\r\n");
      break;
    case ProxyFault::kSecondAnswer:
      answer += SecondAnswer();
      break;
    case ProxyFault::kResetAfterPortal:
      ResetAtEnd(caller);
      [[fallthrough]];
    default:
      co_return false;
  }
  co_return co_await Send(caller, answer);
}

}  // namespace docspace::gateway::testkit
