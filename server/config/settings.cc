#include "server/config/settings.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "server/caller/caller_name.h"
#include "server/caller/portal_router.h"
#include "server/config/portal_settings.h"
#include "server/config/trace_settings.h"
#include "server/http/origin.h"
#include "server/log/log_level.h"

namespace docspace::gateway {
namespace {

using Duration = std::chrono::steady_clock::duration;

constexpr std::size_t kMiB = std::size_t{1024} * 1024;

absl::Status ParseAllowedCallers(const std::string& value, Config& config) {
  config.tls.allowed_callers = SplitItems(value);
  if (std::ranges::find(config.tls.allowed_callers, "") != config.tls.allowed_callers.end()) {
    return InvalidSetting("must be names separated by single commas");
  }
  const auto is_valid = [](const std::string& name) { return CallerName(name).IsValid(); };
  if (!std::ranges::all_of(config.tls.allowed_callers, is_valid)) {
    return InvalidSetting(
        "has a name that no certificate can match: a name is a DNS name, or a URI with `://`, "
        "which may end in `/*`; one of scheme spiffe must be a SPIFFE ID");
  }
  return absl::OkStatus();
}

// Accepts `false` and `False` too, because YAML reads `off` and `Off` as a boolean, which Helm
// renders as `false`.
absl::Status ParseLogLevel(const std::string& value, Config& config) {
  const bool is_off =
      absl::EqualsIgnoreCase(value, "off") || absl::EqualsIgnoreCase(value, "false");
  const std::string level = is_off ? "off" : value;
  if (!LogLevelOf(level)) return InvalidSetting("must be debug, info, warning, error or off");
  config.log.level = level;
  return absl::OkStatus();
}

}  // namespace

std::span<const Setting> SettingsTable() {
  static const std::vector<Setting> table = {
      {{"--config-file", "DOCSPACE_CONFIG_FILE"},
       "",
       "A YAML file of settings: each key is a flag's name without `--`.",
       ParseText([](Config& config) -> auto& { return config.config_file; })},
      {{"--docspace-url", "DOCSPACE_URL"},
       "",
       "The URL of the default portal, for calls that name none: https://host[:port][/path]. "
       "Required unless --portals is set.",
       ParsePortalUrl},
      {{"--portals", "DOCSPACE_PORTALS"},
       "",
       "The portals that a call can select with the metadata `x-docspace-portal`: name=url, "
       "separated by commas. `;host=…`, `;server-name=…`, `;proxy=…`, "
       "`;proxy-credential-file=…` and `;headers-file=…` may follow a URL. In the file it is a "
       "map of names to URLs, or to maps of url and these members.",
       ParsePortals},
      {{"--portal-host", "DOCSPACE_PORTAL_HOST"},
       "",
       "The Host header for --docspace-url, if it is not the host of the URL.",
       ParsePortalHost},
      {{"--portal-server-name", "DOCSPACE_PORTAL_SERVER_NAME"},
       "",
       "The name that the certificate of --docspace-url must have, also sent as SNI, if it is "
       "not the host of the URL.",
       ParsePortalServerName},
      {{"--portal-proxy", "DOCSPACE_PORTAL_PROXY"},
       "",
       "The forward proxy to portals, of which the gateway asks a tunnel (HTTP CONNECT): "
       "http://host:port; `environment`: that of https_proxy, http_proxy and no_proxy, also in "
       "capitals; `none` or empty: no proxy. `proxy` of a portal in --portals takes precedence.",
       ParsePortalProxy},
      {{"--portal-proxy-credential-file", "DOCSPACE_PORTAL_PROXY_CREDENTIAL_FILE"},
       "",
       "The file with `user:password` for the proxy of --portal-proxy.",
       ParseFile([](Config& config) -> auto& {
         return config.portal.common_access.proxy_credential_file;
       })},
      {{"--portal-headers-file", "DOCSPACE_PORTAL_HEADERS_FILE"},
       "",
       "The file with headers, each a line `Name: value`, that --docspace-url gets with every "
       "request, for an access proxy in front of it. `headers-file` in --portals does the same "
       "for another portal.",
       ParseFile([](Config& config) -> auto& {
         return config.portal.access[std::string(kDefaultPortal)].headers_file;
       })},
      {{"--forward-client-address", "DOCSPACE_FORWARD_CLIENT_ADDRESS"},
       "off",
       "on: the portal gets the address of the caller's end of the connection in "
       "X-Forwarded-For. The portal must trust the gateway's address for that; see "
       "docs/operations.md.",
       ParseSwitch([](Config& config) -> auto& { return config.portal.forwards_client_address; })},
      {{"--portal-min-tls", "DOCSPACE_PORTAL_MIN_TLS"},
       "1.2",
       "The minimum TLS version for connections to the portal: 1.2 or 1.3.",
       ParseOneOf<int>([](Config& config) -> auto& { return config.portal.min_tls; },
                       {{"1.2", TLS1_2_VERSION}, {"1.3", TLS1_3_VERSION}})},
      {{"--listen", "DOCSPACE_LISTEN"},
       "0.0.0.0:50051",
       "The address:port on which gRPC is served; port 0 selects a free port. [::] stands for "
       "every address of the machine, by IPv6 and IPv4, or by IPv4 alone if there is no IPv6.",
       ParseAddress([](Config& config) -> auto& { return config.listen.address; })},
      {{"--health-listen", "DOCSPACE_HEALTH_LISTEN"},
       "",
       "An additional address:port on which the health service alone is served, in plaintext, "
       "for probes.",
       ParseAddress([](Config& config) -> auto& { return config.listen.health; },
                    /*may_be_empty=*/true)},
      {{"--channelz-listen", "DOCSPACE_CHANNELZ_LISTEN"},
       "",
       "The address:port on which gRPC's channelz is served, in plaintext. It shows the "
       "addresses of callers, and costs CPU time on each call.",
       ParseAddress([](Config& config) -> auto& { return config.listen.channelz; },
                    /*may_be_empty=*/true)},
      {{"--readiness-needs-portal", "DOCSPACE_READINESS_NEEDS_PORTAL"},
       "on",
       "on: the health service `readiness` is NOT_SERVING until any portal has been reached. It "
       "stays SERVING if portals fail later.",
       ParseSwitch([](Config& config) -> auto& { return config.listen.readiness_needs_portal; })},
      {{"--caller-tls-certificate-file", "DOCSPACE_CALLER_TLS_CERTIFICATE_FILE"},
       "",
       "The PEM certificate chain that the gateway presents to callers. Without it callers are "
       "served in plaintext.",
       ParseFile([](Config& config) -> auto& { return config.tls.certificates.certificate_file; }),
       {"--tls-certificate-file", "DOCSPACE_TLS_CERTIFICATE_FILE"}},
      {{"--caller-tls-private-key-file", "DOCSPACE_CALLER_TLS_PRIVATE_KEY_FILE"},
       "",
       "The PEM key of that certificate, without a password.",
       ParseFile([](Config& config) -> auto& { return config.tls.certificates.private_key_file; }),
       {"--tls-private-key-file", "DOCSPACE_TLS_PRIVATE_KEY_FILE"}},
      {{"--caller-tls-names", "DOCSPACE_CALLER_TLS_NAMES"},
       "",
       "The names, separated by commas, by which callers reach the gateway. --check-config and "
       "the log report a certificate that is not valid for one of them.",
       ParseHostNames([](Config& config) -> auto& { return config.tls.certificates.names; }),
       {"--tls-names", "DOCSPACE_TLS_NAMES"}},
      {{"--caller-tls-client-ca-file", "DOCSPACE_CALLER_TLS_CLIENT_CA_FILE"},
       "",
       "The PEM certificates of authorities. If set, callers must present a certificate that one "
       "of them signed.",
       ParseFile([](Config& config) -> auto& { return config.tls.certificates.ca_file; }),
       {"--tls-client-ca-file", "DOCSPACE_TLS_CLIENT_CA_FILE"}},
      {{"--caller-tls-client-crl-file", "DOCSPACE_CALLER_TLS_CLIENT_CRL_FILE"},
       "",
       "The revocation lists (CRLs) of those authorities, in PEM. If set, calls with a certificate "
       "that has been revoked, or whose authority has no list that is valid now, are refused.",
       ParseFile([](Config& config) -> auto& { return config.tls.certificates.revocation_file; }),
       {"--tls-client-crl-file", "DOCSPACE_TLS_CLIENT_CRL_FILE"}},
      {{"--caller-tls-client-auth", "DOCSPACE_CALLER_TLS_CLIENT_AUTH"},
       "required",
       "Whether a caller's certificate is required or optional if --caller-tls-client-ca-file is "
       "set.",
       ParseOneOf<bool>([](Config& config) -> auto& { return config.tls.callers_need_certificate; },
                        {{"required", true}, {"optional", false}}),
       {"--tls-client-auth", "DOCSPACE_TLS_CLIENT_AUTH"}},
      {{"--allowed-callers", "DOCSPACE_ALLOWED_CALLERS"},
       "",
       "The subject alternative names of callers' certificates that may call the ApiKeys "
       "service, separated by commas. A URI such as spiffe://example.org/ns/jobs/sa/nightly is "
       "compared with URIs only, and a DNS name with DNS names only. A URI that ends in `/*` "
       "matches all URIs below it. Empty: every caller may.",
       ParseAllowedCallers},
      {{"--require-permissions", "DOCSPACE_REQUIRE_PERMISSIONS"},
       "off",
       "on: CreateApiKey without permissions fails with INVALID_ARGUMENT, because the portal "
       "would create a key with all rights of its owner. `*` still requests such a key.",
       ParseSwitch([](Config& config) -> auto& { return config.require_permissions; })},
      {{"--reflection", "DOCSPACE_REFLECTION"},
       "on",
       "on: the reflection service describes the API to allowed callers.",
       ParseSwitch([](Config& config) -> auto& { return config.listen.reflection; })},
      {{"--tls-refresh", "DOCSPACE_TLS_REFRESH"},
       "60s",
       "The interval at which all files of certificates and keys, also those for the portal, its "
       "proxy and its headers, are read again.",
       ParseDuration([](Config& config) -> auto& { return config.tls.refresh; })},
      {{"--request-timeout", "DOCSPACE_REQUEST_TIMEOUT"},
       "30s",
       "The maximum duration of a call, and the deadline of a call that has none.",
       ParseDuration([](Config& config) -> auto& { return config.limits.request_timeout; })},
      {{"--portal-connect-timeout", "DOCSPACE_PORTAL_CONNECT_TIMEOUT"},
       "3s",
       "The time limit for name resolution, TCP, the proxy's tunnel and TLS together when "
       "connecting to the portal.",
       ParseDuration([](Config& config) -> auto& { return config.portal.connect.timeout; }),
       {"--connect-timeout", "DOCSPACE_CONNECT_TIMEOUT"}},
      {{"--portal-ca-file", "DOCSPACE_PORTAL_CA_FILE"},
       "",
       "The PEM certificates to trust for the portal, instead of the system's.",
       ParseFile([](Config& config) -> auto& { return config.portal.certificates.ca_file; })},
      {{"--portal-certificate-file", "DOCSPACE_PORTAL_CERTIFICATE_FILE"},
       "",
       "The PEM certificate chain that the gateway presents to the portal.",
       ParseFile(
           [](Config& config) -> auto& { return config.portal.certificates.certificate_file; })},
      {{"--portal-private-key-file", "DOCSPACE_PORTAL_PRIVATE_KEY_FILE"},
       "",
       "The PEM key of that certificate, without a password.",
       ParseFile(
           [](Config& config) -> auto& { return config.portal.certificates.private_key_file; })},
      {{"--portal-max-connections", "DOCSPACE_PORTAL_MAX_CONNECTIONS"},
       "256",
       "The maximum number of connections to each portal, shared evenly by the event loops, each "
       "of which has one at least.",
       ParseCount([](Config& config) -> auto& { return config.portal.pool.max_connections; }, 1,
                  65536),
       {"--max-connections", "DOCSPACE_MAX_CONNECTIONS"}},
      {{"--portal-share-connections", "DOCSPACE_PORTAL_SHARE_CONNECTIONS"},
       "on",
       "off: a connection to the portal carries calls with one credential only, so that a late "
       "duplicate of a response cannot reach a caller with another credential; see "
       "docs/security.md.",
       ParseSwitch([](Config& config) -> auto& { return config.portal.pool.share; }),
       {"--share-portal-connections", "DOCSPACE_SHARE_PORTAL_CONNECTIONS"}},
      {{"--portal-idle-timeout", "DOCSPACE_PORTAL_IDLE_TIMEOUT"},
       "30s",
       "The time after which an idle connection to the portal is closed. Keep it below the "
       "portal's own keep-alive time.",
       ParseDuration([](Config& config) -> auto& { return config.portal.pool.idle_timeout; }),
       {"--idle-timeout", "DOCSPACE_IDLE_TIMEOUT"}},
      {{"--portal-connection-max-age", "DOCSPACE_PORTAL_CONNECTION_MAX_AGE"},
       "10m",
       "The age from which a connection to the portal accepts no further calls.",
       ParseDuration([](Config& config) -> auto& { return config.portal.pool.max_age; }),
       {"--max-connection-use", "DOCSPACE_MAX_CONNECTION_USE"}},
      {{"--portal-dns-refresh", "DOCSPACE_PORTAL_DNS_REFRESH"},
       "30s",
       "The interval at which the portal's name is resolved again.",
       ParseDuration([](Config& config) -> auto& { return config.portal.dns_refresh; }),
       {"--dns-refresh", "DOCSPACE_DNS_REFRESH"}},
      {{"--portal-max-response-bytes", "DOCSPACE_PORTAL_MAX_RESPONSE_BYTES"},
       "8388608",
       "The maximum size of a list from the portal, in bytes. Other responses may have 1 MiB.",
       ParseCount([](Config& config) -> auto& { return config.portal.client.response.body_bytes; },
                  1024, 1024 * kMiB),
       {"--max-response-bytes", "DOCSPACE_MAX_RESPONSE_BYTES"}},
      {{"--threads", "DOCSPACE_THREADS"},
       "0",
       "The number of event loops; 0 means one for each core that the process may use.",
       ParseCount([](Config& config) -> auto& { return config.threads; }, 0, kMaxEventLoops)},
      {{"--caller-max-connections", "DOCSPACE_CALLER_MAX_CONNECTIONS"},
       "10000",
       "The maximum number of connections of callers; further ones are closed. Each uses a file "
       "descriptor (ulimit -n) and about 20 KiB.",
       ParseCount([](Config& config) -> auto& { return config.limits.max_caller_connections; }, 1,
                  1'000'000),
       {"--max-caller-connections", "DOCSPACE_MAX_CALLER_CONNECTIONS"}},
      {{"--max-in-flight", "DOCSPACE_MAX_IN_FLIGHT"},
       "2000",
       "The maximum number of calls in flight to each portal; further ones fail with "
       "RESOURCE_EXHAUSTED, GATEWAY_OVERLOADED. One credential may have half of them while other "
       "credentials have calls.",
       ParseCount([](Config& config) -> auto& { return config.limits.max_in_flight; }, 1,
                  1'000'000)},
      {{"--max-reads-per-credential", "DOCSPACE_MAX_READS_PER_CREDENTIAL"},
       "0",
       "The maximum number of reads in flight of one credential to each portal; further ones "
       "fail in the same way. 0: no limit. The vendor's cloud permits 50 for each user.",
       ParseCount([](Config& config) -> auto& { return config.limits.max_reads_per_credential; }, 0,
                  1'000'000)},
      {{"--max-writes-per-credential", "DOCSPACE_MAX_WRITES_PER_CREDENTIAL"},
       "0",
       "The maximum number of writes in flight of one credential to each portal; further ones "
       "fail in the same way. 0: no limit. The vendor's cloud permits 15 for each user.",
       ParseCount([](Config& config) -> auto& { return config.limits.max_writes_per_credential; },
                  0, 1'000'000)},
      {{"--adaptive-limit", "DOCSPACE_ADAPTIVE_LIMIT"},
       "off",
       "on: the limit on calls in flight follows the portal's latency, up to --max-in-flight.",
       ParseSwitch([](Config& config) -> auto& { return config.limits.adaptive_limit; })},
      {{"--max-buffered-bytes", "DOCSPACE_MAX_BUFFERED_BYTES"},
       "268435456",
       "The maximum number of bytes that calls may hold for requests and responses, at least 64 "
       "KiB each; further calls fail with RESOURCE_EXHAUSTED, GATEWAY_OVERLOADED.",
       ParseCount([](Config& config) -> auto& { return config.limits.max_buffered_bytes; }, kMiB,
                  1024 * 1024 * kMiB)},
      {{"--caller-max-request-bytes", "DOCSPACE_CALLER_MAX_REQUEST_BYTES"},
       "65536",
       "The maximum size of a caller's request message, in bytes.",
       ParseCount([](Config& config) -> auto& { return config.limits.max_request_bytes; }, 1024,
                  64 * kMiB),
       {"--max-request-bytes", "DOCSPACE_MAX_REQUEST_BYTES"}},
      {{"--caller-max-metadata-bytes", "DOCSPACE_CALLER_MAX_METADATA_BYTES"},
       "16384",
       "The maximum size of a caller's request metadata, in bytes.",
       ParseCount([](Config& config) -> auto& { return config.limits.max_metadata_bytes; }, 1024,
                  kMiB),
       {"--max-metadata-bytes", "DOCSPACE_MAX_METADATA_BYTES"}},
      {{"--caller-max-streams", "DOCSPACE_CALLER_MAX_STREAMS"},
       "1000",
       "The maximum number of calls in flight on one connection of a caller.",
       ParseCount([](Config& config) -> auto& { return config.limits.max_streams; }, 1, 1'000'000),
       {"--max-streams", "DOCSPACE_MAX_STREAMS"}},
      {{"--max-grpc-memory", "DOCSPACE_MAX_GRPC_MEMORY"},
       "536870912",
       "The maximum number of bytes that gRPC may hold for callers' connections and messages.",
       ParseCount([](Config& config) -> auto& { return config.limits.max_grpc_memory; }, 16 * kMiB,
                  1024 * 1024 * kMiB)},
      {{"--caller-connection-max-age", "DOCSPACE_CALLER_CONNECTION_MAX_AGE"},
       "30m",
       "The approximate time after which a caller's connection is asked to reconnect, so that "
       "load spreads.",
       ParseDuration([](Config& config) -> auto& { return config.limits.max_connection_age; }),
       {"--max-connection-age", "DOCSPACE_MAX_CONNECTION_AGE"}},
      {{"--drain-delay", "DOCSPACE_DRAIN_DELAY"},
       "3s",
       "The time after SIGTERM in which new calls are still accepted while health reports "
       "NOT_SERVING.",
       ParseDuration([](Config& config) -> auto& { return config.drain.delay; }, Duration::zero())},
      {{"--drain-grace", "DOCSPACE_DRAIN_GRACE"},
       "20s",
       "The time after that in which calls in flight may finish.",
       ParseDuration([](Config& config) -> auto& { return config.drain.grace; }, Duration::zero())},
      {{"--trace-endpoint", "DOCSPACE_TRACE_ENDPOINT"},
       "",
       "The collector that gets spans by OTLP over gRPC: http://host:port or https://host:port. "
       "Without it nothing is traced.",
       ParseTraceEndpoint,
       {},
       OpenTelemetryEndpoint()},
      {{"--trace-ca-file", "DOCSPACE_TRACE_CA_FILE"},
       "",
       "The PEM certificates to trust for that collector, instead of the system's.",
       ParseFile([](Config& config) -> auto& { return config.tracing.certificates.ca_file; }),
       {},
       OpenTelemetryCaFile()},
      {{"--trace-headers-file", "DOCSPACE_TRACE_HEADERS_FILE"},
       "",
       "A file of headers for that collector, such as a credential: name=value, separated by "
       "commas or line breaks, with percent-encoded values. It is read at the start.",
       ReadTraceHeaders,
       {},
       OpenTelemetryHeaders()},
      {{"--trace-timeout", "DOCSPACE_TRACE_TIMEOUT"},
       "10s",
       "The time limit of one request to that collector.",
       ParseDuration([](Config& config) -> auto& { return config.tracing.timeout; }),
       {},
       OpenTelemetryTimeout()},
      {{"--trace-sample-ratio", "DOCSPACE_TRACE_SAMPLE_RATIO"},
       "0.01",
       "The share of traces to record, from 0 to 1, for calls without a parent. For other calls "
       "the parent decides.",
       ParseRatio([](Config& config) -> auto& { return config.tracing.sample_ratio; }),
       {},
       OpenTelemetrySampleRatio()},
      {{"--trace-parent-decides", "DOCSPACE_TRACE_PARENT_DECIDES"},
       "on",
       "off: --trace-sample-ratio decides for calls with a parent too.",
       ParseSwitch([](Config& config) -> auto& { return config.tracing.parent_decides; }),
       {},
       OpenTelemetryParentDecides()},
      {{"--trace-rate-limit", "DOCSPACE_TRACE_RATE_LIMIT"},
       "100",
       "The maximum number of calls to record each second, also of those that a parent sampled.",
       ParseCount([](Config& config) -> auto& { return config.tracing.rate_limit; }, 1, 1'000'000)},
      {{"--trace-service-name", "DOCSPACE_TRACE_SERVICE_NAME"},
       "docspace-apikeys-gateway",
       "The service.name of the spans.",
       ParseText([](Config& config) -> auto& { return config.tracing.service_name; }),
       {},
       OpenTelemetryServiceName()},
      {{"--trace-resource-attributes", "DOCSPACE_TRACE_RESOURCE_ATTRIBUTES"},
       "",
       "Further attributes of the gateway in its spans: key=value, separated by commas, with "
       "percent-encoded values.",
       ParseResourceAttributes,
       {},
       OpenTelemetryResourceAttributes()},
      {{"--log-format", "DOCSPACE_LOG_FORMAT"},
       "json",
       "json: each event is a line of JSON. console: the same fields in a form that is easier to "
       "read.",
       ParseOneOf<std::string>([](Config& config) -> auto& { return config.log.format; },
                               {{"json", "json"}, {"console", "console"}})},
      {{"--log-level", "DOCSPACE_LOG_LEVEL"},
       "info",
       "debug, info, warning, error or off. SIGUSR1 makes the log one level more verbose, and "
       "SIGUSR2 one level less.",
       ParseLogLevel},
      {{"--log-peers", "DOCSPACE_LOG_PEERS"},
       "on",
       "on: the log states the address of each caller. off: it does not.",
       ParseSwitch([](Config& config) -> auto& { return config.log.peers; })},
      {{"--ready-file", "DOCSPACE_READY_FILE"},
       "",
       "A file to which the gateway writes its address:port once it serves.",
       ParseText([](Config& config) -> auto& { return config.listen.ready_file; })},
      {{"--admin-listen", "DOCSPACE_ADMIN_LISTEN"},
       "",
       "The address:port on which metrics and a status page for operators are served by HTTP, "
       "without TLS or a password; port 0 selects a free port. Without it there is no such port.",
       ParseAddress([](Config& config) -> auto& { return config.admin.listen; },
                    /*may_be_empty=*/true)},
      {{"--admin-hosts", "DOCSPACE_ADMIN_HOSTS"},
       "",
       "The names, separated by commas, by which that port may be requested, besides any address "
       "and `localhost`. Requests for other names are refused, so that no web page can pose as "
       "the port (DNS rebinding).",
       ParseHostNames([](Config& config) -> auto& { return config.admin.hosts; })},
      {{"--admin-ready-file", "DOCSPACE_ADMIN_READY_FILE"},
       "",
       "A file to which the gateway writes the address:port of that port once it serves.",
       ParseText([](Config& config) -> auto& { return config.admin.ready_file; })},
  };
  return table;
}

}  // namespace docspace::gateway
