// The gateway's configuration: flags, over environment variables, over a file, over defaults.
#ifndef SERVER_CONFIG_CONFIG_H_
#define SERVER_CONFIG_CONFIG_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/http/client.h"
#include "server/http/connector.h"
#include "server/http/origin.h"
#include "server/tls/certificates.h"

namespace docspace::gateway {

// What a setting came out as, and by what: its flag, its environment variable, a line of the file,
// or `default`.
struct EffectiveSetting {
  std::string_view flag;
  std::string value;
  std::string source;
};

struct Config {
  // The portal of calls that name none. Without a host there is none, and they are refused.
  http::Origin portal;
  // The portals that a call may name with the metadata `x-docspace-portal`.
  std::map<std::string, http::Origin> portals;
  // TLS1_2_VERSION or TLS1_3_VERSION.
  int portal_min_tls = 0x0303;
  // Authorities to trust instead of the system's, and what authenticates the gateway.
  CertificateFiles portal_tls{.ca_setting = "--portal-ca-file",
                              .certificate_setting = "--portal-certificate-file",
                              .private_key_setting = "--portal-private-key-file"};
  http::ConnectOptions connect;
  http::PoolOptions pool;
  http::ClientOptions client;
  std::chrono::steady_clock::duration dns_refresh = std::chrono::seconds(30);

  std::string listen = "0.0.0.0:50051";
  // Addresses of further, plaintext servers: of the health service alone, and of channelz. Empty:
  // none.
  std::string health_listen;
  std::string channelz_listen;
  // What authenticates the gateway to callers, without which they are served in plaintext; and the
  // authorities of callers' own certificates.
  CertificateFiles tls{.ca_setting = "--tls-client-ca-file",
                       .certificate_setting = "--tls-certificate-file",
                       .private_key_setting = "--tls-private-key-file",
                       .is_server = true};
  // Whether the API is described to those who may call it.
  bool reflection = true;
  // Whether every caller must show a certificate, where there are authorities for them.
  bool callers_need_certificate = true;
  // Whether the gateway says that it is ready only once it has reached a portal.
  bool readiness_needs_portal = true;
  // Who may call: SPIFFE ids, URIs or names that callers' certificates bear. Empty: everyone.
  std::vector<std::string> allowed_callers;
  // How long until the files of certificates and keys are read again.
  std::chrono::steady_clock::duration tls_refresh = std::chrono::seconds(60);
  // Whether CreateApiKey must name permissions. A key created without any has all rights of its
  // owner.
  bool require_permissions = false;
  std::string config_file;
  // Written once the gateway serves: the address it is bound to. Empty: not written.
  std::string ready_file;
  // Where operators are served over HTTP, and what is written once they are. Empty: not at all.
  std::string admin_listen;
  std::string admin_ready_file;
  // The names by which operators may call that server, beside addresses and `localhost`.
  std::vector<std::string> admin_hosts;
  std::size_t threads = 0;  // 0: one for each core.
  std::size_t max_caller_connections = 10'000;
  // A caller's connection that has not said by then that it speaks HTTP/2 is closed.
  std::chrono::steady_clock::duration handshake_timeout = std::chrono::seconds(10);
  // The longest a call may take; also the deadline of a call that has none.
  std::chrono::steady_clock::duration request_timeout = std::chrono::seconds(30);
  std::size_t max_in_flight = 2000;
  bool adaptive_limit = false;
  // Calls of one credential that may be in flight at a time, to one portal. 0: any number.
  std::size_t max_reads_per_credential = 0;
  std::size_t max_writes_per_credential = 0;
  std::size_t max_buffered_bytes = std::size_t{256} * 1024 * 1024;
  // Bytes that calls may hold whose headers have come and whose message has not, 16 KiB each at
  // least; and the longest that each may wait for it.
  std::size_t max_waiting_bytes = std::size_t{32} * 1024 * 1024;
  std::chrono::steady_clock::duration message_timeout = std::chrono::seconds(10);
  std::size_t max_request_bytes = 64 * 1024;
  std::size_t max_metadata_bytes = 16 * 1024;
  std::size_t max_streams = 1000;
  // Whether connections are cut once the process has more memory than its limits add up to.
  bool guards_memory = true;
  std::size_t max_grpc_memory = std::size_t{512} * 1024 * 1024;
  std::chrono::steady_clock::duration max_connection_age = std::chrono::minutes(30);
  std::chrono::steady_clock::duration drain_delay = std::chrono::seconds(3);
  std::chrono::steady_clock::duration drain_grace = std::chrono::seconds(20);
  // Where spans are sent. Without a host: nowhere.
  http::Origin trace_collector;
  // Authorities to trust for it instead of the system's.
  CertificateFiles trace_tls{.ca_setting = "--trace-ca-file"};
  double trace_sample_ratio = 0.01;
  // Calls a second whose spans are recorded at most.
  std::size_t trace_rate_limit = 100;
  std::string trace_service_name = "docspace-apikeys-gateway";
  std::string log_format = "json";
  std::string log_level = "info";
  // Whether the line of an RPC names the caller's address.
  bool log_peers = true;
  // Warnings that say the same, in ten seconds; further ones are counted only.
  std::size_t max_repeated_warnings = 100;
  // Of every setting, in the table's order, where the configuration was parsed.
  std::vector<EffectiveSetting> effective;

  // Each portal by its name, which is `default` for the one of calls that name none: that one
  // first.
  std::vector<std::pair<std::string, http::Origin>> Portals() const;
  // In the same order.
  std::vector<std::string> PortalNames() const;
};

// One row of the table of settings in docs/configuration.md and in --help.
struct Setting {
  std::string_view flag;         // "--docspace-url"
  std::string_view environment;  // "DOCSPACE_URL"
  std::string_view default_value;
  std::string_view help;
  // Reads a value into the configuration; says what is wrong with it otherwise.
  std::function<absl::Status(const std::string& value, Config& config)> read;
};

std::span<const Setting> Settings();

// The text of --help: every setting.
std::string Usage();

// Returns the table of settings of docs/configuration.md, in Markdown.
std::string ReferenceTable();

// The text of --print-config: a configuration file with the value of each setting, and in a comment
// where it is from. No setting holds a secret: keys are named by their files.
std::string PrintedConfig(const Config& config);

// `lookup` yields an environment variable, or null. INVALID_ARGUMENT names the setting and where
// its value came from; it repeats no value, for a URL may hold a password.
absl::StatusOr<Config> ParseConfig(std::span<const std::string> arguments,
                                   const std::function<const char*(const char*)>& lookup);

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_CONFIG_H_
