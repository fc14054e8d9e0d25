// The gateway's configuration, as its parts read it. parse_config.h fills it.
#ifndef SERVER_CONFIG_CONFIG_H_
#define SERVER_CONFIG_CONFIG_H_

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/host_port.h"
#include "server/base/secret.h"
#include "server/http/client.h"
#include "server/http/connector.h"
#include "server/http/origin.h"
#include "server/tls/certificates.h"

namespace docspace::gateway {

// How the gateway gets to one portal.
struct PortalAccess {
  // What the settings say about the proxy: empty (nothing), `none`, `environment` or a URL.
  std::string proxy_choice{};
  // The forward proxy that follows from it. Without a host the gateway connects directly.
  HostPort proxy{};
  // The file with the credential for the proxy, `user:password`. Empty: the proxy needs none.
  std::string proxy_credential_file{};
  // The file with headers that every request gets. Empty: none.
  std::string headers_file{};
};

// The portals and the connections to them.
struct PortalConfig {
  // The portal of calls that name none. If it has no host, the gateway refuses such calls.
  http::Origin origin;
  // The portals that a call may name with the metadata `x-docspace-portal`, by their names.
  std::map<std::string, http::Origin> named;
  // The ways to the portals, by their names. The default portal is called `default`. A portal
  // without an entry is connected to directly.
  std::map<std::string, PortalAccess> access;
  // The proxy of portals that name none, and its credential. Its headers are not used.
  PortalAccess common_access;
  // True if the portal gets the address of each caller in `X-Forwarded-For`.
  bool forwards_client_address = false;
  // The oldest version of TLS: TLS1_2_VERSION or TLS1_3_VERSION.
  int min_tls = 0x0303;
  // The authorities to trust instead of the system's, and what authenticates the gateway.
  CertificateFiles certificates{.ca_setting = "--portal-ca-file",
                                .certificate_setting = "--portal-certificate-file",
                                .private_key_setting = "--portal-private-key-file"};
  http::ConnectOptions connect;
  // The pool's limits are those of all event loops together.
  http::PoolOptions pool;
  http::ClientOptions client;
  // The age at which a resolved name is resolved again.
  std::chrono::steady_clock::duration dns_refresh = std::chrono::seconds(30);
};

// The addresses at which callers and probes are served, and services beside the API.
struct ListenConfig {
  std::string address = "0.0.0.0:50051";
  // The addresses of further servers, in plaintext: one of the health service alone, and one of
  // channelz. Empty: the gateway has no such server.
  std::string health;
  std::string channelz;
  // True if the reflection service describes the API to those who may call it.
  bool reflection = true;
  // True if the gateway is ready only once it has reached a portal.
  bool readiness_needs_portal = true;
  // The file that receives the bound address once the gateway serves. Empty: none.
  std::string ready_file;
};

// How the gateway and its callers authenticate themselves to each other.
struct TlsConfig {
  // The gateway's certificate, without which callers are served in plaintext, and the authorities
  // of callers' certificates.
  CertificateFiles certificates{.ca_setting = "--caller-tls-client-ca-file",
                                .certificate_setting = "--caller-tls-certificate-file",
                                .private_key_setting = "--caller-tls-private-key-file",
                                .revocation_setting = "--caller-tls-client-crl-file",
                                .is_server = true};
  // True if every caller must show a certificate. It has no effect without authorities.
  bool callers_need_certificate = true;
  // The callers that may call: SPIFFE IDs, URIs or names in their certificates. Empty: everyone.
  std::vector<std::string> allowed_callers;
  // The interval at which all files of certificates and keys are read again, the portal's too.
  std::chrono::steady_clock::duration refresh = std::chrono::seconds(60);
};

// Limits on the time, memory and connections that callers can use.
struct LimitsConfig {
  std::size_t max_caller_connections = 10'000;
  // The time in which a new connection must speak HTTP/2; otherwise it is closed.
  std::chrono::steady_clock::duration handshake_timeout = std::chrono::seconds(10);
  // The longest duration of a call, and the deadline of a call that has none.
  std::chrono::steady_clock::duration request_timeout = std::chrono::seconds(30);
  std::size_t max_in_flight = 2000;
  bool adaptive_limit = false;
  // The most calls of one credential in flight, for each portal. 0: no limit.
  std::size_t max_reads_per_credential = 0;
  std::size_t max_writes_per_credential = 0;
  std::size_t max_buffered_bytes = std::size_t{256} * 1024 * 1024;
  // The most bytes held by calls whose headers have arrived but whose message has not, where each
  // call counts at least 16 KiB; and the longest time for which each of them may wait for its
  // message.
  std::size_t max_waiting_bytes = std::size_t{32} * 1024 * 1024;
  std::chrono::steady_clock::duration message_timeout = std::chrono::seconds(10);
  std::size_t max_request_bytes = 64 * 1024;
  std::size_t max_metadata_bytes = 16 * 1024;
  std::size_t max_streams = 1000;
  // True if the gateway cuts connections once the process holds more memory than these limits add
  // up to.
  bool guards_memory = true;
  std::size_t max_grpc_memory = std::size_t{512} * 1024 * 1024;
  std::chrono::steady_clock::duration max_connection_age = std::chrono::minutes(30);
};

// How the gateway ends after SIGTERM.
struct DrainConfig {
  // How long it takes new calls while the health service says NOT_SERVING.
  std::chrono::steady_clock::duration delay = std::chrono::seconds(3);
  // How long calls in flight may take after that.
  std::chrono::steady_clock::duration grace = std::chrono::seconds(20);
};

struct TracingConfig {
  struct Header {
    std::string name;
    Secret value;
  };

  // The collector of spans. If it has no host, nothing is traced.
  http::Origin collector;
  // The authorities to trust for the collector instead of the system's.
  CertificateFiles certificates{.ca_setting = "--trace-ca-file"};
  // What each request to the collector carries besides.
  std::vector<Header> headers;
  // The time limit of one request to the collector.
  std::chrono::steady_clock::duration timeout = std::chrono::seconds(10);
  // The share of traces that are recorded, of those that begin at the gateway: 0 to 1.
  double sample_ratio = 0.01;
  // True if a caller decides whether its trace is recorded; otherwise the ratio counts for all.
  bool parent_decides = true;
  // The most calls whose spans are recorded in a second.
  std::size_t rate_limit = 100;
  std::string service_name = "docspace-apikeys-gateway";
  // Attributes of the gateway besides its name and version, with their values.
  std::vector<std::pair<std::string, std::string>> resource_attributes;
};

struct LogConfig {
  // `json` or `console`.
  std::string format = "json";
  std::string level = "info";
  // True if the line of an RPC names the caller's address.
  bool peers = true;
  // The most equal warnings in ten seconds; the log counts further ones and does not write them.
  std::size_t max_repeated_warnings = 100;
};

// The HTTP server for operators.
struct AdminConfig {
  // Its address. Empty: there is none.
  std::string listen;
  // The file that receives the bound address once operators are served. Empty: none.
  std::string ready_file;
  // The names by which operators may call it, beside addresses and `localhost`.
  std::vector<std::string> hosts;
};

// The most event loops that the gateway has.
inline constexpr std::size_t kMaxEventLoops = 256;

// The configuration of the gateway. Its only secrets are the headers for the collector; it names
// the files of keys.
struct Config {
  PortalConfig portal;
  ListenConfig listen;
  TlsConfig tls;
  LimitsConfig limits;
  DrainConfig drain;
  TracingConfig tracing;
  LogConfig log;
  AdminConfig admin;
  // True if CreateApiKey must name permissions, because a portal creates a key with all rights of
  // its owner for a request without any.
  bool require_permissions = false;
  // The number of event loops. 0: one for each core that the process may use.
  std::size_t threads = 0;
  std::string config_file;

  // Returns the number of event loops: `threads`, or one for each processor that the calling thread
  // may use, and at most kMaxEventLoops.
  std::size_t EventLoops() const;
  // Returns each portal with its name. The portal of calls that name none is called `default` and
  // comes first.
  std::vector<std::pair<std::string, http::Origin>> Portals() const;
  // Returns the names in the same order.
  std::vector<std::string> PortalNames() const;
  // Returns how to get to the portal of that name.
  PortalAccess AccessTo(const std::string& name) const;
};

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_CONFIG_H_
