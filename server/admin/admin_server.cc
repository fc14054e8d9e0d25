#include "server/admin/admin_server.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <boost/intrusive/list.hpp>
#include <exception>
#include <thread>
#include <tuple>
#include <utility>

#include "server/base/host_port.h"
#include "server/base/task.h"

namespace docspace::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace intrusive = boost::intrusive;
using asio::ip::tcp;
using boost::system::error_code;
using Stream = beast::basic_stream<tcp, http::Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, http::Executor>;
using http::kAsTuple;
using http::Task;
using Response = beast::http::response<beast::http::string_body>;

// The time between two attempts to accept a connection while descriptors or memory are short.
constexpr std::chrono::milliseconds kPause(100);

// The beginnings of the names of headers that proxies add.
constexpr beast::string_view kForwarded = "X-Forwarded-";
constexpr beast::string_view kEnvoy = "X-Envoy-";

// The most bytes that the server reads after a response.
constexpr std::size_t kMaxSurplus = 64 * 1024;

// Returns whether `peer` is 127.0.0.1 or ::1. The rest of 127.0.0.0/8 does not count, because a
// service mesh's sidecar forwards requests of others from an address there.
bool IsLoopback(const tcp::endpoint& peer) {
  asio::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address == asio::ip::address_v4::loopback() || address == asio::ip::address_v6::loopback();
}

AdminResponse Refusal(beast::http::status status) {
  return {.status = static_cast<int>(status),
          .body = std::string(beast::http::obsolete_reason(status)) + "\n"};
}

// Returns the response to a request that the parser refuses with `objection`.
AdminResponse RefusalOf(const error_code& objection) {
  using beast::http::error;
  using beast::http::status;
  if (objection == error::header_limit || objection == error::buffer_overflow) {
    return Refusal(status::request_header_fields_too_large);
  }
  if (objection == error::body_limit || objection == error::unexpected_body) {
    return Refusal(status::payload_too_large);
  }
  return Refusal(status::bad_request);
}

// Returns whether only a proxy adds a header of that name.
bool IsOfProxy(beast::string_view name) {
  return beast::iequals(name, "Via") || beast::iequals(name, "Forwarded") ||
         beast::iequals(name, "X-Real-IP") ||
         beast::iequals(name.substr(0, std::min(name.size(), kForwarded.size())), kForwarded) ||
         beast::iequals(name.substr(0, std::min(name.size(), kEnvoy.size())), kEnvoy);
}

// Returns `::1` for `[::1]:9464`, and `localhost` for `localhost:9464`. Any other text is returned
// as it is, because an empty host would stand for a request without one.
std::string WithoutPort(std::string_view host) {
  absl::StatusOr<HostPort> host_port = ParseHostPort(host);
  return host_port.ok() ? std::move(host_port->host) : std::string(host);
}

// Returns the values of all headers of that name.
std::string Joined(const beast::http::request<beast::http::empty_body>& message,
                   beast::http::field name) {
  std::string joined;
  const auto [first, last] = message.equal_range(name);
  for (auto header = first; header != last; ++header) {
    joined.append(joined.empty() ? "" : ",").append(header->value());
  }
  return joined;
}

AdminRequest RequestOf(const beast::http::request<beast::http::empty_body>& message,
                       const tcp::endpoint& peer) {
  using beast::http::field;
  const std::string target(message.target());
  const std::size_t mark = target.find('?');
  return {.method = std::string(message.method_string()),
          .path = target.substr(0, mark),
          .query = mark == std::string::npos ? "" : target.substr(mark + 1),
          .from_loopback = IsLoopback(peer),
          .from_page = message.count(field::origin) != 0 || message.count("Sec-Fetch-Site") != 0,
          .is_forwarded = std::ranges::any_of(
              message, [](const auto& header) { return IsOfProxy(header.name_string()); }),
          .host = WithoutPort(message[field::host]),
          .accept = Joined(message, field::accept)};
}

Response MessageOf(AdminResponse answer, bool with_body) {
  using beast::http::field;
  Response message(static_cast<beast::http::status>(answer.status), 11);
  message.set(field::content_type, answer.content_type);
  message.set(field::cache_control, "no-store");
  message.set("Content-Security-Policy",
              "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
              "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  message.set("X-Content-Type-Options", "nosniff");
  message.set("X-Frame-Options", "DENY");
  message.set("Referrer-Policy", "no-referrer");
  if (!answer.allow.empty()) message.set(field::allow, answer.allow);
  message.keep_alive(false);
  message.content_length(answer.body.size());
  if (with_body) message.body() = std::move(answer.body);
  return message;
}

}  // namespace

class AdminServer::Server {
 public:
  Server(Handler handler, const Limits& limits) : handler_(std::move(handler)), limits_(limits) {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  error_code Listen(const tcp::endpoint& endpoint) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && endpoint.address().is_v6()) {
      acceptor_.set_option(asio::ip::v6_only(false), error);
    }
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    return error;
  }

  void Start() {
    asio::co_spawn(context_, Accept(), asio::detached);
    thread_ = std::thread([this] {
      // An exception ends only the connection whose coroutine threw it.
      while (!context_.stopped()) {
        try {
          context_.run();
        } catch (const std::exception&) {
        }
      }
    });
  }

  int port() const { return acceptor_.local_endpoint().port(); }

 private:
  // A connection's place in the list of its phase, until the place is destroyed or unlinked.
  struct Place : intrusive::list_base_hook<intrusive::link_mode<intrusive::auto_unlink>> {
    explicit Place(Stream& of) : stream(of) {}

    Stream& stream;
  };
  // Places in the order of their age; the oldest is the first.
  using Places = intrusive::list<Place, intrusive::constant_time_size<false>>;

  // Closes connections until there is room for one more. Their coroutines end a little later.
  void MakeRoom() {
    std::size_t open = incomplete_.size() + complete_.size();
    for (Places* phase : {&incomplete_, &complete_}) {
      for (; open >= limits_.connections && !phase->empty(); --open) {
        phase->front().stream.close();
        phase->pop_front();
      }
    }
  }

  Task<void> Accept() {
    for (bool failed = false;;) {
      try {
        if (std::exchange(failed, false)) {
          http::Timer pause(context_, kPause);
          co_await pause.async_wait(kAsTuple);
        }
        Stream stream(context_);
        const auto [error] = co_await acceptor_.async_accept(stream.socket(), kAsTuple);
        failed = static_cast<bool>(error);
        if (failed) continue;
        MakeRoom();
        asio::co_spawn(context_, Serve(std::move(stream)), asio::detached);
      } catch (const std::exception&) {
        failed = true;
      }
    }
  }

  Task<void> Serve(Stream stream) {
    Place place(stream);
    incomplete_.push_back(place);
    error_code unknown;
    const tcp::endpoint peer = stream.socket().remote_endpoint(unknown);
    if (unknown) co_return;

    beast::flat_buffer buffer(limits_.header_bytes + 1024);
    beast::http::request_parser<beast::http::empty_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
    parser.body_limit(0);
    stream.expires_after(limits_.head);
    const auto [error, size] = co_await beast::http::async_read(stream, buffer, parser, kAsTuple);
    // The client closed the connection, or sent no complete request in time.
    if (error == beast::error::timeout || error == beast::http::error::end_of_stream ||
        (error && error.category() == asio::error::get_system_category())) {
      co_return;
    }
    place.unlink();
    complete_.push_back(place);
    const bool with_body = parser.get().method() != beast::http::verb::head;
    const Response response =
        MessageOf(error ? RefusalOf(error) : Answer(RequestOf(parser.get(), peer)), with_body);

    stream.expires_after(limits_.patience);
    co_await beast::http::async_write(stream, response, kAsTuple);
    error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    // To close a socket with unread bytes would reset the connection, and the client could lose the
    // response.
    std::array<char, 1024> rest;
    for (std::size_t surplus = 0; surplus < kMaxSurplus;) {
      const auto [end, read] = co_await stream.async_read_some(asio::buffer(rest), kAsTuple);
      if (end) co_return;
      surplus += read;
    }
  }

  AdminResponse Answer(const AdminRequest& request) {
    try {
      return handler_(request);
    } catch (const std::exception&) {
      return Refusal(beast::http::status::internal_server_error);
    }
  }

  const Handler handler_;
  const Limits limits_;
  // Connections whose request is not complete, and connections whose request is being answered.
  Places incomplete_;
  Places complete_;
  asio::io_context context_{1};
  Acceptor acceptor_{context_};
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& address,
                                                                Handler handler,
                                                                const Limits& limits) {
  const absl::StatusOr<HostPort> host_port = ParseHostPort(address);
  if (!host_port.ok()) return host_port.status();
  if (!host_port->port) return absl::InvalidArgumentError("has no port");

  asio::io_context resolving;
  tcp::resolver resolver(resolving);
  error_code error;
  const auto endpoints =
      resolver.resolve(host_port->host, std::to_string(*host_port->port),
                       tcp::resolver::passive | tcp::resolver::numeric_service, error);
  auto server = std::make_unique<Server>(handler, limits);
  if (!error) error = server->Listen(*endpoints.begin());
  const bool is_without_ipv6 = error == asio::error::address_family_not_supported ||
                               error == boost::system::errc::address_not_available;
  if (is_without_ipv6 && host_port->host == kAnyAddress) {
    return Start(FormatHostPort(kAnyIpv4Address, host_port->port), std::move(handler), limits);
  }
  if (error) return absl::UnavailableError(error.message());
  server->Start();
  std::string bound = FormatHostPort(host_port->host, static_cast<std::uint16_t>(server->port()));
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(server), std::move(bound)));
}

AdminServer::AdminServer(std::unique_ptr<Server> server, std::string address)
    : server_(std::move(server)), address_(std::move(address)) {}

AdminServer::~AdminServer() = default;

int AdminServer::port() const { return server_->port(); }

}  // namespace docspace::gateway
