#include "server/config/config.h"

#include <openssl/ssl.h>
#include <yaml-cpp/yaml.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "server/base/host_port.h"
#include "server/caller/caller_name.h"
#include "server/caller/portal_choice.h"
#include "server/config/config_file.h"
#include "server/log/log_level.h"

namespace docspace::gateway {
namespace {

using Duration = std::chrono::steady_clock::duration;
using Read = std::function<absl::Status(const std::string& value, Config& config)>;

absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

// A number from `least` to `most`.
template <class Number>
Read Count(Number& (*member)(Config&), Number least, Number most) {
  return [member, least, most](const std::string& value, Config& config) {
    Number number{};
    const char* end = value.data() + value.size();
    const auto [rest, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc() || rest != end || number < least || number > most) {
      return Wrong("must be a number from " + std::to_string(least) + " to " +
                   std::to_string(most));
    }
    member(config) = number;
    return absl::OkStatus();
  };
}

// A length of time such as `250ms`, `30s` or `10m`.
Read Time(Duration& (*member)(Config&), Duration least = std::chrono::milliseconds(1)) {
  return [member, least](const std::string& value, Config& config) {
    absl::Duration duration;
    if (!absl::ParseDuration(value, &duration) || duration < absl::FromChrono(least) ||
        duration > absl::Hours(24)) {
      return Wrong("must be a length of time such as 250ms, 30s or 10m, from " +
                   std::string(absl::FormatDuration(absl::FromChrono(least))) + " to 24h");
    }
    member(config) = absl::ToChronoNanoseconds(duration);
    return absl::OkStatus();
  };
}

Read Switch(bool& (*member)(Config&)) {
  return [member](const std::string& value, Config& config) {
    const bool on = value == "on" || value == "true";
    if (!on && value != "off" && value != "false") return Wrong("must be on or off");
    member(config) = on;
    return absl::OkStatus();
  };
}

Read Text(std::string& (*member)(Config&)) {
  return [member](const std::string& value, Config& config) {
    member(config) = value;
    return absl::OkStatus();
  };
}

Read File(std::string& (*member)(Config&)) {
  return [member](const std::string& value, Config& config) {
    std::error_code error;
    if (!value.empty() && !std::filesystem::is_regular_file(value, error)) {
      return Wrong("names no file");
    }
    member(config) = value;
    return absl::OkStatus();
  };
}

// One of the words, which come with what they mean.
template <class Value>
Read OneOf(Value& (*member)(Config&), std::vector<std::pair<std::string_view, Value>> words) {
  return [member, words = std::move(words)](const std::string& value, Config& config) {
    std::string names;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].first == value) {
        member(config) = words[i].second;
        return absl::OkStatus();
      }
      if (i != 0) names.append(i + 1 < words.size() ? ", " : " or ");
      names.append(words[i].first);
    }
    return Wrong("must be " + names);
  };
}

// What separated by commas; empty for none.
std::vector<std::string> Items(const std::string& value) {
  if (value.empty()) return {};
  return absl::StrSplit(value, ',');
}

absl::Status ReadUrl(const std::string& value, Config& config) {
  if (value.empty()) return absl::OkStatus();
  absl::StatusOr<http::Origin> origin = http::ParseOrigin(value);
  if (!origin.ok()) return origin.status();
  config.portal.origin = *std::move(origin);
  return absl::OkStatus();
}

absl::Status ReadHostHeader(const std::string& value, http::Origin& origin) {
  if (!value.empty() && !http::IsAuthority(value)) return Wrong("must be host or host:port");
  origin.host_header = value;
  return absl::OkStatus();
}

absl::Status ReadServerName(const std::string& value, http::Origin& origin) {
  if (!value.empty() && !http::IsHostName(value)) return Wrong("must be a host's name");
  origin.server_name = value;
  return absl::OkStatus();
}

bool IsPortalName(std::string_view name) {
  return !name.empty() && name.size() <= 63 && name != kDefaultPortal &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

// `url[;host=…][;server-name=…]`
absl::StatusOr<http::Origin> ReadPortal(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ';');
  absl::StatusOr<http::Origin> origin = http::ParseOrigin(parts.front());
  if (!origin.ok()) return origin.status();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::pair<std::string, std::string> member =
        absl::StrSplit(parts[i], absl::MaxSplits('=', 1));
    absl::Status status = Wrong("has a member that is neither url, host nor server-name");
    if (member.first == "host") status = ReadHostHeader(member.second, *origin);
    if (member.first == "server-name") status = ReadServerName(member.second, *origin);
    if (!status.ok()) return status;
  }
  return origin;
}

absl::Status ReadPortals(const std::string& value, Config& config) {
  // By their numbers, because a name may be a credential out of place.
  int number = 0;
  for (const std::string& item : Items(value)) {
    ++number;
    const std::pair<std::string, std::string> entry = absl::StrSplit(item, absl::MaxSplits('=', 1));
    if (!IsPortalName(entry.first) || entry.second.empty()) {
      return Wrong("must be name=url,…; a name is 1 to 63 of a-z, 0-9, - and ., and not `default`");
    }
    absl::StatusOr<http::Origin> origin = ReadPortal(entry.second);
    if (!origin.ok()) {
      return Wrong("for portal " + std::to_string(number) + " " +
                   std::string(origin.status().message()));
    }
    if (!config.portal.named.emplace(entry.first, *std::move(origin)).second) {
      return Wrong("names portal " + std::to_string(number) + " like one before it");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadAllowedCallers(const std::string& value, Config& config) {
  config.tls.allowed_callers = Items(value);
  if (std::ranges::find(config.tls.allowed_callers, "") != config.tls.allowed_callers.end()) {
    return Wrong("must be names separated by single commas");
  }
  const auto is_valid = [](const std::string& name) { return CallerName(name).IsValid(); };
  if (!std::ranges::all_of(config.tls.allowed_callers, is_valid)) {
    return Wrong(
        "has a name that no certificate can match: a name is a DNS name, or a URI with `://`, "
        "which may end in `/*`; one of scheme spiffe must be a SPIFFE ID");
  }
  return absl::OkStatus();
}

// Host names or addresses, without ports.
Read HostNames(std::vector<std::string>& (*member)(Config&)) {
  return [member](const std::string& value, Config& config) {
    member(config) = Items(value);
    if (!std::ranges::all_of(member(config), http::IsHostName)) {
      return Wrong("must be host names, without ports, separated by single commas");
    }
    return absl::OkStatus();
  };
}

absl::Status CheckAddress(const std::string& value) {
  const absl::StatusOr<HostPort> address = ParseHostPort(value);
  if (!address.ok() || !address->port) {
    return Wrong(
        "must be address:port, such as 0.0.0.0:50051 or [::]:50051; port 0 picks a free one");
  }
  return absl::OkStatus();
}

absl::Status ReadTraceEndpoint(const std::string& value, Config& config) {
  if (value.empty()) return absl::OkStatus();
  absl::StatusOr<http::Origin> origin = http::ParseOrigin(value);
  if (!origin.ok()) return origin.status();
  if (!origin->base_path.empty()) return Wrong("must be http://host:port or https://host:port");
  config.tracing.collector = *std::move(origin);
  return absl::OkStatus();
}

absl::Status ReadSampleRatio(const std::string& value, Config& config) {
  double ratio = 0;
  const char* end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, ratio, std::chars_format::fixed);
  if (error != std::errc() || rest != end || std::isnan(ratio) || ratio < 0 || ratio > 1) {
    return Wrong("must be a number from 0 to 1");
  }
  config.tracing.sample_ratio = ratio;
  return absl::OkStatus();
}

absl::Status ReadLogFormat(const std::string& value, Config& config) {
  if (value != "json" && value != "console") return Wrong("must be json or console");
  config.log.format = value;
  return absl::OkStatus();
}

// Empty where `may_be_empty`.
Read Address(std::string& (*member)(Config&), bool may_be_empty = false) {
  return [member, may_be_empty](const std::string& value, Config& config) {
    if (!may_be_empty || !value.empty()) {
      absl::Status status = CheckAddress(value);
      if (!status.ok()) return status;
    }
    member(config) = value;
    return absl::OkStatus();
  };
}

absl::Status ReadLogLevel(const std::string& value, Config& config) {
  if (!LogLevelOf(value)) return Wrong("must be debug, info, warning, error or off");
  config.log.level = value;
  return absl::OkStatus();
}

// Names the first argument that is written as flags are, without a value that may follow in it.
// Others are not repeated: one may be a credential out of place.
std::string Surplus(const std::vector<std::string>& arguments) {
  constexpr std::size_t kLongestFlag = 40;
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    const bool is_flag =
        name.starts_with("--") && name.size() > 2 && name.size() <= kLongestFlag &&
        std::ranges::all_of(name, [](char c) { return c == '-' || (c >= 'a' && c <= 'z'); });
    if (is_flag) return name + " is no setting; --help lists them";
  }
  return "an argument is no setting; --help lists them";
}

absl::StatusOr<std::map<std::string, FileValue>> ReadFile(const std::string& path) {
  if (path.empty()) return std::map<std::string, FileValue>();
  absl::StatusOr<std::map<std::string, FileValue>> file = ReadConfigFile(path);
  if (file.ok() && file->contains("config-file")) {
    return Wrong("names another file: config-file may not be in it");
  }
  return file;
}

// What no setting can say alone.
absl::Status Consistent(const Config& config) {
  if (config.portal.origin.host.empty()) {
    if (config.portal.named.empty()) {
      return Wrong(
          "--docspace-url (or DOCSPACE_URL) is required: the portal's URL, such as "
          "https://docs.example.com");
    }
    if (!config.portal.origin.host_header.empty() || !config.portal.origin.server_name.empty()) {
      return Wrong("--portal-host and --portal-server-name need --docspace-url");
    }
  }
  for (const CertificateFiles* files : {&config.tls.certificates, &config.portal.certificates}) {
    if (files->certificate_file.empty() != files->private_key_file.empty()) {
      return Wrong(std::string(files->certificate_setting) + " and " +
                   std::string(files->private_key_setting) + " go together");
    }
  }
  if (config.tls.certificates.certificate_file.empty() &&
      !config.tls.certificates.ca_file.empty()) {
    return Wrong("--tls-client-ca-file needs --tls-certificate-file");
  }
  if (config.tls.certificates.ca_file.empty() && !config.tls.allowed_callers.empty()) {
    return Wrong("--allowed-callers needs --tls-client-ca-file");
  }
  return absl::OkStatus();
}

constexpr std::size_t kMiB = std::size_t{1024} * 1024;

const std::vector<Setting>& Table() {
  static const std::vector<Setting> table = {
      {"--config-file", "DOCSPACE_CONFIG_FILE", "",
       "A YAML file of settings: each key is a flag's name without `--`.",
       Text([](Config& config) -> std::string& { return config.config_file; })},
      {"--docspace-url", "DOCSPACE_URL", "",
       "The URL of the default portal, for calls that name none: https://host[:port][/path]. "
       "Required unless --portals is set.",
       ReadUrl},
      {"--portals", "DOCSPACE_PORTALS", "",
       "The portals that a call can select with the metadata `x-docspace-portal`: name=url, "
       "separated by commas. `;host=…` and `;server-name=…` may follow a URL. In the file it is "
       "a map of names to URLs, or to maps of url, host and server-name.",
       ReadPortals},
      {"--portal-host", "DOCSPACE_PORTAL_HOST", "",
       "The Host header for --docspace-url, if it is not the host of the URL.",
       [](const std::string& value, Config& config) {
         return ReadHostHeader(value, config.portal.origin);
       }},
      {"--portal-server-name", "DOCSPACE_PORTAL_SERVER_NAME", "",
       "The name that the certificate of --docspace-url must have, also sent as SNI, if it is "
       "not the host of the URL.",
       [](const std::string& value, Config& config) {
         return ReadServerName(value, config.portal.origin);
       }},
      {"--portal-min-tls", "DOCSPACE_PORTAL_MIN_TLS", "1.2",
       "The minimum TLS version for connections to the portal: 1.2 or 1.3.",
       OneOf<int>([](Config& config) -> int& { return config.portal.min_tls; },
                  {{"1.2", TLS1_2_VERSION}, {"1.3", TLS1_3_VERSION}})},
      {"--listen", "DOCSPACE_LISTEN", "0.0.0.0:50051",
       "The address:port on which gRPC is served; port 0 selects a free port.",
       Address([](Config& config) -> std::string& { return config.listen.address; })},
      {"--health-listen", "DOCSPACE_HEALTH_LISTEN", "",
       "An additional address:port on which the health service alone is served, in plaintext, "
       "for probes.",
       Address([](Config& config) -> std::string& { return config.listen.health; },
               /*may_be_empty=*/true)},
      {"--channelz-listen", "DOCSPACE_CHANNELZ_LISTEN", "",
       "The address:port on which gRPC's channelz is served, in plaintext. It shows the "
       "addresses of callers, and costs CPU time on each call.",
       Address([](Config& config) -> std::string& { return config.listen.channelz; },
               /*may_be_empty=*/true)},
      {"--readiness-needs-portal", "DOCSPACE_READINESS_NEEDS_PORTAL", "on",
       "on: the health service `readiness` is NOT_SERVING until any portal has been reached. It "
       "stays SERVING if portals fail later.",
       Switch([](Config& config) -> bool& { return config.listen.readiness_needs_portal; })},
      {"--tls-certificate-file", "DOCSPACE_TLS_CERTIFICATE_FILE", "",
       "The PEM certificate chain that the gateway presents to callers. Without it callers are "
       "served in plaintext.",
       File([](Config& config) -> std::string& {
         return config.tls.certificates.certificate_file;
       })},
      {"--tls-private-key-file", "DOCSPACE_TLS_PRIVATE_KEY_FILE", "",
       "The PEM key of that certificate, without a password.",
       File([](Config& config) -> std::string& {
         return config.tls.certificates.private_key_file;
       })},
      {"--tls-names", "DOCSPACE_TLS_NAMES", "",
       "The names, separated by commas, by which callers reach the gateway. --check-config and "
       "the log report a certificate that is not valid for one of them.",
       HostNames([](Config& config) -> std::vector<std::string>& {
         return config.tls.certificates.names;
       })},
      {"--tls-client-ca-file", "DOCSPACE_TLS_CLIENT_CA_FILE", "",
       "The PEM certificates of authorities. If set, callers must present a certificate that one "
       "of them signed.",
       File([](Config& config) -> std::string& { return config.tls.certificates.ca_file; })},
      {"--tls-client-auth", "DOCSPACE_TLS_CLIENT_AUTH", "required",
       "Whether a caller's certificate is required or optional if --tls-client-ca-file is set.",
       OneOf<bool>([](Config& config) -> bool& { return config.tls.callers_need_certificate; },
                   {{"required", true}, {"optional", false}})},
      {"--allowed-callers", "DOCSPACE_ALLOWED_CALLERS", "",
       "The subject alternative names of callers' certificates that may call the ApiKeys "
       "service, separated by commas. A URI such as spiffe://example.org/ns/jobs/sa/nightly is "
       "compared with URIs only, and a DNS name with DNS names only. A URI that ends in `/*` "
       "matches all URIs below it. Empty: every caller may.",
       ReadAllowedCallers},
      {"--require-permissions", "DOCSPACE_REQUIRE_PERMISSIONS", "off",
       "on: CreateApiKey without permissions fails with INVALID_ARGUMENT, because the portal "
       "would create a key with all rights of its owner. `*` still requests such a key.",
       Switch([](Config& config) -> bool& { return config.require_permissions; })},
      {"--reflection", "DOCSPACE_REFLECTION", "on",
       "on: the reflection service describes the API to allowed callers.",
       Switch([](Config& config) -> bool& { return config.listen.reflection; })},
      {"--tls-refresh", "DOCSPACE_TLS_REFRESH", "60s",
       "The interval at which all files of certificates and keys, also those for the portal, are "
       "read again.",
       Time([](Config& config) -> Duration& { return config.tls.refresh; })},
      {"--request-timeout", "DOCSPACE_REQUEST_TIMEOUT", "30s",
       "The maximum duration of a call, and the deadline of a call that has none.",
       Time([](Config& config) -> Duration& { return config.limits.request_timeout; })},
      {"--connect-timeout", "DOCSPACE_CONNECT_TIMEOUT", "3s",
       "The time limit for name resolution, TCP and TLS together when connecting to the portal.",
       Time([](Config& config) -> Duration& { return config.portal.connect.timeout; })},
      {"--portal-ca-file", "DOCSPACE_PORTAL_CA_FILE", "",
       "The PEM certificates to trust for the portal, instead of the system's.",
       File([](Config& config) -> std::string& { return config.portal.certificates.ca_file; })},
      {"--portal-certificate-file", "DOCSPACE_PORTAL_CERTIFICATE_FILE", "",
       "The PEM certificate chain that the gateway presents to the portal.",
       File([](Config& config) -> std::string& {
         return config.portal.certificates.certificate_file;
       })},
      {"--portal-private-key-file", "DOCSPACE_PORTAL_PRIVATE_KEY_FILE", "",
       "The PEM key of that certificate, without a password.",
       File([](Config& config) -> std::string& {
         return config.portal.certificates.private_key_file;
       })},
      {"--max-connections", "DOCSPACE_MAX_CONNECTIONS", "256",
       "The maximum number of connections to each portal, shared evenly by the event loops. All "
       "calls of one caller's connection use the same loop.",
       Count<std::size_t>(
           [](Config& config) -> std::size_t& { return config.portal.pool.max_connections; }, 1,
           65536)},
      {"--share-portal-connections", "DOCSPACE_SHARE_PORTAL_CONNECTIONS", "on",
       "off: a connection to the portal carries calls with one credential only, so that a late "
       "duplicate of a response cannot reach a caller with another credential; see "
       "docs/security.md.",
       Switch([](Config& config) -> bool& { return config.portal.pool.share; })},
      {"--idle-timeout", "DOCSPACE_IDLE_TIMEOUT", "30s",
       "The time after which an idle connection to the portal is closed. Keep it below the "
       "portal's own keep-alive time.",
       Time([](Config& config) -> Duration& { return config.portal.pool.idle_timeout; })},
      {"--max-connection-use", "DOCSPACE_MAX_CONNECTION_USE", "10m",
       "The age from which a connection to the portal accepts no further calls.",
       Time([](Config& config) -> Duration& { return config.portal.pool.max_age; })},
      {"--dns-refresh", "DOCSPACE_DNS_REFRESH", "30s",
       "The interval at which the portal's name is resolved again.",
       Time([](Config& config) -> Duration& { return config.portal.dns_refresh; })},
      {"--max-response-bytes", "DOCSPACE_MAX_RESPONSE_BYTES", "8388608",
       "The maximum size of a list from the portal, in bytes. Other responses may have 1 MiB.",
       Count<std::size_t>(
           [](Config& config) -> std::size_t& { return config.portal.client.response.body_bytes; },
           1024, 1024 * kMiB)},
      {"--threads", "DOCSPACE_THREADS", "0",
       "The number of event loops; 0 means one for each core.",
       Count<std::size_t>([](Config& config) -> std::size_t& { return config.threads; }, 0, 256)},
      {"--max-caller-connections", "DOCSPACE_MAX_CALLER_CONNECTIONS", "10000",
       "The maximum number of connections of callers; further ones are closed. Each uses a file "
       "descriptor (ulimit -n) and about 20 KiB.",
       Count<std::size_t>(
           [](Config& config) -> std::size_t& { return config.limits.max_caller_connections; }, 1,
           1'000'000)},
      {"--max-in-flight", "DOCSPACE_MAX_IN_FLIGHT", "2000",
       "The maximum number of calls in flight to each portal; further ones fail with "
       "RESOURCE_EXHAUSTED, GATEWAY_OVERLOADED. One credential may have half of them while other "
       "credentials have calls.",
       Count<std::size_t>(
           [](Config& config) -> std::size_t& { return config.limits.max_in_flight; }, 1,
           1'000'000)},
      {"--max-reads-per-credential", "DOCSPACE_MAX_READS_PER_CREDENTIAL", "0",
       "The maximum number of reads in flight of one credential to each portal; further ones "
       "fail in the same way. 0: no limit. The vendor's cloud permits 50 for each user.",
       Count<std::size_t>(
           [](Config& config) -> std::size_t& { return config.limits.max_reads_per_credential; }, 0,
           1'000'000)},
      {"--max-writes-per-credential", "DOCSPACE_MAX_WRITES_PER_CREDENTIAL", "0",
       "The maximum number of writes in flight of one credential to each portal; further ones "
       "fail in the same way. 0: no limit. The vendor's cloud permits 15 for each user.",
       Count<std::size_t>(
           [](Config& config) -> std::size_t& { return config.limits.max_writes_per_credential; },
           0, 1'000'000)},
      {"--adaptive-limit", "DOCSPACE_ADAPTIVE_LIMIT", "off",
       "on: the limit on calls in flight follows the portal's latency, up to --max-in-flight.",
       Switch([](Config& config) -> bool& { return config.limits.adaptive_limit; })},
      {"--max-buffered-bytes", "DOCSPACE_MAX_BUFFERED_BYTES", "268435456",
       "The maximum number of bytes that calls may hold for requests and responses, at least 64 "
       "KiB each; further calls fail with RESOURCE_EXHAUSTED, GATEWAY_OVERLOADED.",
       Count<std::size_t>(
           [](Config& config) -> std::size_t& { return config.limits.max_buffered_bytes; }, kMiB,
           1024 * 1024 * kMiB)},
      {"--max-request-bytes", "DOCSPACE_MAX_REQUEST_BYTES", "65536",
       "The maximum size of a caller's request message, in bytes.",
       Count<std::size_t>(
           [](Config& config) -> std::size_t& { return config.limits.max_request_bytes; }, 1024,
           64 * kMiB)},
      {"--max-metadata-bytes", "DOCSPACE_MAX_METADATA_BYTES", "16384",
       "The maximum size of a caller's request metadata, in bytes.",
       Count<std::size_t>(
           [](Config& config) -> std::size_t& { return config.limits.max_metadata_bytes; }, 1024,
           kMiB)},
      {"--max-streams", "DOCSPACE_MAX_STREAMS", "1000",
       "The maximum number of calls in flight on one connection of a caller.",
       Count<std::size_t>([](Config& config) -> std::size_t& { return config.limits.max_streams; },
                          1, 1'000'000)},
      {"--max-grpc-memory", "DOCSPACE_MAX_GRPC_MEMORY", "536870912",
       "The maximum number of bytes that gRPC may hold for callers' connections and messages.",
       Count<std::size_t>(
           [](Config& config) -> std::size_t& { return config.limits.max_grpc_memory; }, 16 * kMiB,
           1024 * 1024 * kMiB)},
      {"--max-connection-age", "DOCSPACE_MAX_CONNECTION_AGE", "30m",
       "The approximate time after which a caller's connection is asked to reconnect, so that "
       "load spreads.",
       Time([](Config& config) -> Duration& { return config.limits.max_connection_age; })},
      {"--drain-delay", "DOCSPACE_DRAIN_DELAY", "3s",
       "The time after SIGTERM in which new calls are still accepted while health reports "
       "NOT_SERVING.",
       Time([](Config& config) -> Duration& { return config.drain.delay; }, Duration::zero())},
      {"--drain-grace", "DOCSPACE_DRAIN_GRACE", "20s",
       "The time after that in which calls in flight may finish.",
       Time([](Config& config) -> Duration& { return config.drain.grace; }, Duration::zero())},
      {"--trace-endpoint", "DOCSPACE_TRACE_ENDPOINT", "",
       "The collector that gets spans by OTLP over gRPC: http://host:port or https://host:port. "
       "Without it nothing is traced.",
       ReadTraceEndpoint},
      {"--trace-ca-file", "DOCSPACE_TRACE_CA_FILE", "",
       "The PEM certificates to trust for that collector, instead of the system's.",
       File([](Config& config) -> std::string& { return config.tracing.certificates.ca_file; })},
      {"--trace-sample-ratio", "DOCSPACE_TRACE_SAMPLE_RATIO", "0.01",
       "The share of traces to record, from 0 to 1, for calls without a parent. For other calls "
       "the parent decides.",
       ReadSampleRatio},
      {"--trace-rate-limit", "DOCSPACE_TRACE_RATE_LIMIT", "100",
       "The maximum number of calls to record each second, also of those that a parent sampled.",
       Count<std::size_t>([](Config& config) -> std::size_t& { return config.tracing.rate_limit; },
                          1, 1'000'000)},
      {"--trace-service-name", "DOCSPACE_TRACE_SERVICE_NAME", "docspace-apikeys-gateway",
       "The service.name of the spans.",
       Text([](Config& config) -> std::string& { return config.tracing.service_name; })},
      {"--log-format", "DOCSPACE_LOG_FORMAT", "json",
       "json: each event is a line of JSON. console: the same fields in a form that is easier to "
       "read.",
       ReadLogFormat},
      {"--log-level", "DOCSPACE_LOG_LEVEL", "info",
       "debug, info, warning, error or off. SIGUSR1 makes the log one level more verbose, and "
       "SIGUSR2 one level less.",
       ReadLogLevel},
      {"--log-peers", "DOCSPACE_LOG_PEERS", "on",
       "on: the log states the address of each caller. off: it does not.",
       Switch([](Config& config) -> bool& { return config.log.peers; })},
      {"--ready-file", "DOCSPACE_READY_FILE", "",
       "A file to which the gateway writes its address:port once it serves.",
       Text([](Config& config) -> std::string& { return config.listen.ready_file; })},
      {"--admin-listen", "DOCSPACE_ADMIN_LISTEN", "",
       "The address:port on which metrics and a status page for operators are served by HTTP, "
       "without TLS or a password; port 0 selects a free port. Without it there is no such port.",
       Address([](Config& config) -> std::string& { return config.admin.listen; },
               /*may_be_empty=*/true)},
      {"--admin-hosts", "DOCSPACE_ADMIN_HOSTS", "",
       "The names, separated by commas, by which that port may be requested, besides any address "
       "and `localhost`. Requests for other names are refused, so that no web page can pose as "
       "the port (DNS rebinding).",
       HostNames([](Config& config) -> std::vector<std::string>& { return config.admin.hosts; })},
      {"--admin-ready-file", "DOCSPACE_ADMIN_READY_FILE", "",
       "A file to which the gateway writes the address:port of that port once it serves.",
       Text([](Config& config) -> std::string& { return config.admin.ready_file; })},
  };
  return table;
}

}  // namespace

std::vector<std::pair<std::string, http::Origin>> Config::Portals() const {
  std::vector<std::pair<std::string, http::Origin>> all;
  if (!portal.origin.host.empty()) all.emplace_back(kDefaultPortal, portal.origin);
  all.insert(all.end(), portal.named.begin(), portal.named.end());
  return all;
}

std::vector<std::string> Config::PortalNames() const {
  std::vector<std::string> names;
  for (const auto& [name, origin] : Portals()) names.push_back(name);
  return names;
}

std::span<const Setting> Settings() { return Table(); }

std::string PrintedConfig(const ParsedConfig& parsed) {
  YAML::Emitter text;
  // A comment, since a file may not name another.
  const std::string& file = parsed.config.config_file;
  if (!file.empty()) text << YAML::Comment("config-file: " + file);
  text << YAML::BeginMap;
  for (const EffectiveSetting& setting : parsed.settings) {
    if (setting.flag == "--config-file") continue;
    text << YAML::Key << std::string(setting.flag.substr(2));
    text << YAML::Value << YAML::DoubleQuoted << setting.value << YAML::Comment(setting.source);
  }
  text << YAML::EndMap;
  return text.c_str() + std::string("\n");
}

std::string Usage() {
  std::string text =
      "docspace-apikeys-gateway: serves the ApiKeys API of a DocSpace portal over gRPC.\n\n"
      "A setting is a flag, an environment variable, or a line of the file of --config-file. A "
      "flag\n"
      "takes precedence over a variable, and a variable over the file:\n\n";
  for (const Setting& setting : Table()) {
    text.append("  ").append(setting.flag).append(" VALUE  (").append(setting.environment);
    text.append(setting.default_value.empty() ? ")" : ", default ");
    if (!setting.default_value.empty()) text.append(setting.default_value).append(")");
    text.append("\n      ").append(setting.help).append("\n");
  }
  return text.append(
      "  --check-config\n      Checks the settings, and each portal by calls; 0 if all is well.\n"
      "  --print-config\n      Prints the value and the source of each setting.\n"
      "  --health-probe\n      Asks the gateway with this configuration whether it serves; 0 if it "
      "does.\n"
      "  --help\n      Prints this text.\n  --version\n      Prints the version.\n");
}

std::string ReferenceTable() {
  std::string text = "| flag | environment | default | meaning |\n| --- | --- | --- | --- |\n";
  for (const Setting& setting : Table()) {
    const std::string default_value =
        setting.default_value.empty() ? "" : "`" + std::string(setting.default_value) + "`";
    text.append("| `").append(setting.flag).append("` | `").append(setting.environment);
    text.append("` | ").append(default_value).append(" | ").append(setting.help).append(" |\n");
  }
  return text;
}

absl::StatusOr<ParsedConfig> ParseConfig(std::span<const std::string> arguments,
                                         const std::function<const char*(const char*)>& lookup) {
  CLI::App app;
  app.set_help_flag();
  std::map<std::string_view, std::string> given;
  for (const Setting& setting : Table()) {
    app.add_option(std::string(setting.flag), given[setting.flag]);
  }
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ExtrasError&) {
    // CLI11's own message repeats the arguments, and one may be a password out of place.
    return Wrong(Surplus(app.remaining()));
  } catch (const CLI::ParseError& error) {
    return Wrong(error.what());
  }

  ParsedConfig parsed;
  const std::string path = given["--config-file"];
  const char* path_variable = lookup("DOCSPACE_CONFIG_FILE");
  const bool has_flag = app.count("--config-file") != 0;
  absl::StatusOr<std::map<std::string, FileValue>> file =
      ReadFile(has_flag ? path : std::string(path_variable == nullptr ? "" : path_variable));
  if (!file.ok()) {
    return Wrong((has_flag ? "--config-file " : "DOCSPACE_CONFIG_FILE ") +
                 std::string(file.status().message()));
  }
  for (const Setting& setting : Table()) {
    EffectiveSetting effective{setting.flag, std::string(setting.default_value), "default"};
    std::string subject =
        std::string(setting.flag) + " (or " + std::string(setting.environment) + ")";
    const auto in_file = file->extract(std::string(setting.flag.substr(2)));
    if (app.count(std::string(setting.flag)) != 0) {
      effective.value = given[setting.flag];
      subject = effective.source = setting.flag;
    } else if (const char* variable = lookup(std::string(setting.environment).c_str())) {
      effective.value = variable;
      subject = effective.source = setting.environment;
    } else if (in_file) {
      effective.value = in_file.mapped().value;
      effective.source = "line " + std::to_string(in_file.mapped().line) + " of the file";
      subject = in_file.key() + " (" + effective.source + ")";
    }
    const absl::Status status = setting.read(effective.value, parsed.config);
    if (!status.ok()) return Wrong(subject + " " + std::string(status.message()));
    parsed.settings.push_back(std::move(effective));
  }
  if (!file->empty()) {
    return Wrong("line " + std::to_string(file->begin()->second.line) +
                 " of the file is no setting; --help lists them");
  }
  absl::Status consistent = Consistent(parsed.config);
  if (!consistent.ok()) return consistent;
  return parsed;
}

}  // namespace docspace::gateway
