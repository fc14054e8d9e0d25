#include "server/http/proxy_tunnel.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "server/base/host_port.h"
#include "server/http/response_head.h"
#include "server/http/response_problems.h"

namespace docspace::gateway::http {
namespace {

// The most bytes of the proxy's response, its interim responses included.
constexpr std::size_t kMaxHeadBytes = std::size_t{16} * 1024;

constexpr std::string_view kUnrequestedBytes = "bytes behind the head that opens a tunnel";

ProxyFault WrongResponse(std::string_view problem) {
  return {"the proxy's response cannot be understood: " + std::string(problem)};
}

// Reads the proxy's response up to the end of its head.
class TunnelResponse {
 public:
  // Returns where the next bytes belong.
  asio::mutable_buffer Buffer() { return {text_.get() + size_, kMaxHeadBytes - size_}; }

  // Takes `count` further bytes. Returns false if it needs more.
  bool Consume(std::size_t count) {
    std::size_t searched = size_ - begin_;
    size_ += count;
    while (true) {
      const std::string_view text(text_.get() + begin_, size_ - begin_);
      const HeadSearch search = FindHeadEnd(text, std::exchange(searched, 0));
      if (!search.problem.empty()) return End(WrongResponse(search.problem));
      if (search.size == 0) {
        return size_ == kMaxHeadBytes && End(WrongResponse(kHeadTooLong));
      }
      const ResponseHead head = ReadResponseHead(text.substr(0, search.size));
      if (!head.problem.empty()) return End(WrongResponse(head.problem));
      begin_ += search.size;
      if (head.status < 200) continue;  // An interim response precedes the final one.
      if (head.status > 299) {
        return End(ProxyFault{"the proxy refuses with status " + std::to_string(head.status),
                              head.status});
      }
      // The upstream has received nothing yet, so the proxy made these bytes up. They could pass
      // for the response to the next request.
      if (begin_ != size_) return End(WrongResponse(kUnrequestedBytes));
      return true;
    }
  }

  std::optional<ProxyFault> TakeFault() { return std::move(fault_); }

 private:
  bool End(ProxyFault fault) {
    fault_ = std::move(fault);
    return true;
  }

  const std::unique_ptr<char[]> text_ = std::make_unique_for_overwrite<char[]>(kMaxHeadBytes);
  // The head that is being read begins here.
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
  std::optional<ProxyFault> fault_;
};

}  // namespace

ProxyTunnel::ProxyTunnel(const Origin& origin, AccessSecretsSource access)
    : target_(FormatHostPort(origin.host, origin.port)), access_(std::move(access)) {}

Task<std::optional<ProxyFault>> ProxyTunnel::Open(TcpSocket& socket) const {
  const Secret request = WriteRequest();
  const asio::const_buffer octets(request.Reveal().data(), request.Reveal().size());
  // The response is read even after a failed write, because a proxy may refuse before it has read
  // everything.
  co_await asio::async_write(socket, octets, kAsTuple);
  TunnelResponse response;
  while (true) {
    const auto [error, count] = co_await socket.async_read_some(response.Buffer(), kAsTuple);
    if (error) co_return ProxyFault{"the proxy ends the connection without a response"};
    if (response.Consume(count)) co_return response.TakeFault();
  }
}

Secret ProxyTunnel::WriteRequest() const {
  const std::shared_ptr<const AccessSecrets> access = access_ ? access_() : nullptr;
  const std::string_view authorization =
      access ? access->proxy_authorization.Reveal() : std::string_view();
  std::string octets;
  // Growing would leave copies of the credential.
  octets.reserve(128 + 2 * target_.size() + authorization.size());
  octets.append("CONNECT ").append(target_).append(" HTTP/1.1\r\nHost: ").append(target_);
  octets.append("\r\nUser-Agent: docspace-apikeys-gateway\r\n");
  if (!authorization.empty()) {
    octets.append("Proxy-Authorization: ").append(authorization).append("\r\n");
  }
  octets.append("\r\n");
  return Secret(std::move(octets));
}

}  // namespace docspace::gateway::http
