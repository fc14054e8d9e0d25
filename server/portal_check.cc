#include "server/portal_check.h"

#include <openssl/x509_vfy.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "server/access/access_files.h"
#include "server/base/host_port.h"
#include "server/docspace/errors.h"
#include "server/docspace/routes.h"
#include "server/docspace/status_details.h"
#include "server/http/access_secrets.h"
#include "server/http/caching_resolver.h"
#include "server/http/client.h"
#include "server/http/proxy_tunnel.h"
#include "server/http/tls.h"
#include "server/overload/memory_budget.h"
#include "server/service/portal_client.h"
#include "server/tls/certificate_findings.h"
#include "server/tls/certificates.h"

namespace docspace::gateway {
namespace {

namespace asio = boost::asio;

// Runs a task in a loop of its own, and returns its result, or nothing if that takes longer than
// `limit`.
template <class T, class MakeTask>
std::optional<T> Within(http::Clock::duration limit, MakeTask make) {
  asio::io_context loop;
  std::optional<T> result;
  asio::co_spawn(loop, make(loop), [&result](const std::exception_ptr& error, T given) {
    if (!error) result = std::move(given);
  });
  loop.run_for(limit);
  return result;
}

class Check {
 public:
  Check(const Config& config, std::string name, const PortalRoute& route, std::ostream& findings)
      : config_(config),
        name_(std::move(name)),
        route_(route),
        first_hop_(route.FirstHop()),
        findings_(findings) {}

  bool Run() {
    const http::Addresses addresses = Resolve();
    for (const auto& address : addresses) Connect(address);
    // One reachable address is enough for a call.
    if (is_reached_) Call();
    return is_well_ && is_reached_;
  }

 private:
  void Say(bool ok, const std::string& what) {
    is_well_ = is_well_ && ok;
    findings_ << (ok ? "ok    " : "FAIL  ") << name_ << ": " << what << '\n';
  }

  // Reports something that the check cannot find out.
  void Note(const std::string& what) { findings_ << "note  " << name_ << ": " << what << '\n'; }

  http::Addresses Resolve() {
    const auto resolved = Within<http::Resolved>(config_.portal.connect.timeout, [this](auto&) {
      return http::SystemResolve(first_hop_.host, *first_hop_.port);
    });
    const std::string host = (HasProxy() ? "the proxy " : "") + first_hop_.host;
    if (!resolved) {
      Say(false, host + " is not resolved in time");
      return {};
    }
    const auto& [error, addresses] = *resolved;
    if (error || addresses.empty()) {
      Say(false, host + " does not resolve: " + error.message());
      return {};
    }
    Say(true, host + " resolves, addresses: " + std::to_string(addresses.size()));
    return addresses;
  }

  void Connect(const asio::ip::tcp::endpoint& address) {
    const std::string where =
        address.address().to_string() + " port " + std::to_string(address.port()) + " ";
    const auto problem = Within<std::string>(config_.portal.connect.timeout,
                                             [&](auto& loop) { return ConnectTo(loop, address); });
    const bool ok = problem && problem->empty();
    is_reached_ = is_reached_ || ok;
    Say(ok, where + (ok ? Success() : problem.value_or("does not respond in time")));
  }

  bool HasProxy() const { return !route_.access.proxy.host.empty(); }

  std::string Success() const {
    if (!HasProxy()) {
      return route_.origin.tls ? "connects, and its certificate is right" : "connects";
    }
    return std::string("connects, opens a tunnel to the portal") +
           (route_.origin.tls ? ", and the portal's certificate is right" : "");
  }

  http::Task<std::string> ConnectTo(asio::io_context& loop, asio::ip::tcp::endpoint address) {
    http::TcpSocket socket(loop);
    const auto [refused] = co_await socket.async_connect(address, http::kAsTuple);
    if (refused) co_return "does not connect: " + refused.message();
    if (const auto tunnel = route_.NewTunnel()) {
      const std::optional<http::ProxyFault> fault = co_await tunnel->Open(socket);
      if (fault) co_return "opens no tunnel: " + fault->why;
    }
    const auto tls = route_.NewTls(config_.portal.min_tls);
    if (!tls) co_return "";
    const auto stream = tls->NewStream(std::move(socket));
    const auto [failed] =
        co_await stream->async_handshake(asio::ssl::stream_base::client, http::kAsTuple);
    if (!failed) co_return "";
    const auto verified = SSL_get_verify_result(stream->native_handle());
    if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH) {
      co_return "fails in TLS: its certificate is not one of " + route_.origin.ServerName();
    }
    co_return "fails in TLS: " + http::ReasonOfHandshakeFailure(*stream, failed);
  }

  void Call() {
    const std::optional<http::Response> response = Answer(std::nullopt);
    if (!response) return;
    if (response->status != 401) {
      Say(false,
          "a call without a credential gets " + std::to_string(response->status) +
              " instead of 401: the server is not a portal, or the portal has not started yet");
      return;
    }
    Say(true, "a call without a credential gets 401, as expected");
    CallWithAKey();
  }

  // The vendor's cloud responds with 401 to a request without a credential for every name, also of
  // portals that do not exist. It reports an unknown portal only to an API key, also an unknown
  // one.
  void CallWithAKey() {
    const std::string unknown_key = "Bearer sk-" + std::string(64, '0');
    const std::optional<http::Response> response =
        Answer(http::Credential{"Authorization", Secret(unknown_key)});
    if (!response) return;
    const std::string reason =
        response->status < 300
            ? ""
            : ReasonOf(ErrorFromResponse(Rpc::kGetApiKeys, *response, absl::Now()));
    if (reason == "PORTAL_OR_ROUTE_NOT_FOUND") {
      Say(false, "the server reports that no portal has this name");
    } else if (reason == "UNAUTHENTICATED") {
      Say(true, "a call with an unknown API key gets 401, as expected");
      Note(
          "only a valid credential can show whether the portal is suspended and, if its server "
          "responds to any name, whether it is the right one");
    } else {
      Say(false, "a call with an unknown API key gets " + std::to_string(response->status) +
                     " instead of 401");
    }
  }

  // Returns the response to a call that lists keys. If there is none, reports that and returns
  // nothing.
  std::optional<http::Response> Answer(const std::optional<http::Credential>& credential) {
    const auto outcome = Within<http::Outcome>(config_.limits.request_timeout,
                                               [&](auto& loop) { return Send(loop, credential); });
    if (outcome && std::holds_alternative<http::Response>(*outcome)) {
      return std::get<http::Response>(*outcome);
    }
    Say(false, "a call gets no response: " +
                   (outcome ? std::get<http::Failure>(*outcome).detail : "it takes too long"));
    return std::nullopt;
  }

  http::Task<http::Outcome> Send(asio::io_context& loop,
                                 std::optional<http::Credential> credential) {
    const auto client =
        NewPortalClient(config_.portal, route_, loop, config_.portal.pool, http::SystemResolve);
    MemoryBudget memory(config_.limits.max_buffered_bytes);
    MemoryBudget::Reservation reservation = memory.ReserveForCall(0);
    auto request = Encode(apikeys::v1::GetApiKeysRequest());
    request->credential = std::move(credential);
    co_return co_await client->Send(*request, reservation);
  }

  const Config& config_;
  const std::string name_;
  const PortalRoute route_;
  const HostPort first_hop_;
  std::ostream& findings_;
  bool is_well_ = true;
  bool is_reached_ = false;
};

}  // namespace

bool CheckPortals(const Config& config, std::ostream& findings) {
  bool is_well = true;
  auto portal_tls = std::make_shared<const Certificates>();
  for (const CertificateFiles* files :
       {&config.tls.certificates, &config.tracing.certificates, &config.portal.certificates}) {
    auto read = Certificates::Read(*files);
    if (!read.ok()) {
      findings << "FAIL  " << read.status().message() << '\n';
      return false;
    }
    for (const CertificateFinding& finding :
         ExamineCertificates(*files, *read, std::chrono::system_clock::now())) {
      is_well = is_well && !finding.is_wrong;
      findings << (finding.is_wrong ? "FAIL  " : "WARN  ") << finding.what << '\n';
    }
    portal_tls = std::make_shared<const Certificates>(*std::move(read));
  }
  const CertificateSource certificates = [portal_tls] { return portal_tls; };
  for (const auto& [name, origin] : config.Portals()) {
    const PortalAccess access = config.AccessTo(name);
    auto read = ReadAccessFiles(FilesOf(access));
    if (!read.ok()) {
      findings << "FAIL  " << name << ": " << read.status().message() << '\n';
      is_well = false;
      continue;
    }
    const http::AccessSecretsSource secrets =
        [newest = std::make_shared<const http::AccessSecrets>(*std::move(read))] { return newest; };
    Check check(config, name, PortalRoute{origin, access, certificates, secrets}, findings);
    is_well = check.Run() && is_well;
  }
  return is_well;
}

}  // namespace docspace::gateway
