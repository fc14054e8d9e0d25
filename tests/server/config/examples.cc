#include "tests/server/config/examples.h"

#include <openssl/ssl.h>

#include <chrono>

namespace docspace::gateway::testkit {
namespace {

// Returns the texts, each with a line end.
std::string Lines(const std::vector<std::string>& texts) {
  std::string lines;
  for (const std::string& text : texts) lines += text + "\n";
  return lines;
}

std::string Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

const std::vector<Example>& Examples() {
  const auto number = [](const char* flag, const char* value, std::string (*read)(const Config&)) {
    return Example{flag, value, read, value};
  };
  static const std::vector<Example> examples = {
      {"--portals",
       "a=http://a.example/base,b-1=https://10.0.0.7:8443;host=b.example:1;server-name=b",
       [](const Config& c) {
         std::string text;
         for (const auto& [name, origin] : c.portal.named) {
           text += name + " " + origin.Url() + " " + origin.Authority() + " " +
                   origin.ServerName() + "\n";
         }
         return text;
       },
       "a http://a.example/base a.example a.example\n"
       "b-1 https://10.0.0.7:8443 b.example:1 b\n"},
      {"--portal-host", "docs.example:8080",
       [](const Config& c) { return c.portal.origin.host_header; }, "docs.example:8080"},
      {"--portal-server-name", "docs.example",
       [](const Config& c) { return c.portal.origin.server_name; }, "docs.example"},
      {"--portal-proxy", "http://proxy.example:3128",
       [](const Config& c) {
         const HostPort proxy = c.AccessTo("default").proxy;
         return proxy.host + " " + std::to_string(proxy.port.value_or(0));
       },
       "proxy.example 3128"},
      {"--portal-proxy-credential-file", ExistingFile(),
       [](const Config& c) { return c.portal.common_access.proxy_credential_file; },
       ExistingFile()},
      {"--portal-headers-file", ExistingFile(),
       [](const Config& c) { return c.AccessTo("default").headers_file; }, ExistingFile()},
      {"--forward-client-address", "on",
       [](const Config& c) { return std::to_string(c.portal.forwards_client_address); }, "1"},
      {"--portal-min-tls", "1.3", [](const Config& c) { return std::to_string(c.portal.min_tls); },
       std::to_string(TLS1_3_VERSION)},
      {"--health-listen", "127.0.0.1:0", [](const Config& c) { return c.listen.health; },
       "127.0.0.1:0"},
      {"--channelz-listen", "127.0.0.1:0", [](const Config& c) { return c.listen.channelz; },
       "127.0.0.1:0"},
      {"--readiness-needs-portal", "off",
       [](const Config& c) { return std::to_string(c.listen.readiness_needs_portal); }, "0"},
      {"--caller-tls-client-auth", "optional",
       [](const Config& c) { return std::to_string(c.tls.callers_need_certificate); }, "0"},
      {"--allowed-callers", "spiffe://example.org/a,spiffe://example.org/b/*",
       [](const Config& c) { return Lines(c.tls.allowed_callers); },
       "spiffe://example.org/a\nspiffe://example.org/b/*\n"},
      {"--docspace-url", "http://portal.example:8080/base",
       [](const Config& c) { return c.portal.origin.Authority() + c.portal.origin.base_path; },
       "portal.example:8080/base"},
      {"--listen", "[::1]:0", [](const Config& c) { return c.listen.address; }, "[::1]:0"},
      {"--caller-tls-certificate-file", ExistingFile(),
       [](const Config& c) { return c.tls.certificates.certificate_file; }, ExistingFile()},
      {"--caller-tls-private-key-file", ExistingFile(),
       [](const Config& c) { return c.tls.certificates.private_key_file; }, ExistingFile()},
      {"--caller-tls-names", "gateway.example,10.0.0.1",
       [](const Config& c) { return Lines(c.tls.certificates.names); },
       "gateway.example\n10.0.0.1\n"},
      {"--caller-tls-client-ca-file", ExistingFile(),
       [](const Config& c) { return c.tls.certificates.ca_file; }, ExistingFile()},
      {"--caller-tls-client-crl-file", ExistingFile(),
       [](const Config& c) { return c.tls.certificates.revocation_file; }, ExistingFile()},
      {"--reflection", "off", [](const Config& c) { return std::to_string(c.listen.reflection); },
       "0"},
      {"--tls-refresh", "5s", [](const Config& c) { return Milliseconds(c.tls.refresh); }, "5000"},
      {"--request-timeout", "1m30s",
       [](const Config& c) { return Milliseconds(c.limits.request_timeout); }, "90000"},
      {"--portal-connect-timeout", "250ms",
       [](const Config& c) { return Milliseconds(c.portal.connect.timeout); }, "250"},
      {"--portal-ca-file", ExistingFile(),
       [](const Config& c) { return c.portal.certificates.ca_file; }, ExistingFile()},
      {"--portal-certificate-file", ExistingFile(),
       [](const Config& c) { return c.portal.certificates.certificate_file; }, ExistingFile()},
      {"--portal-private-key-file", ExistingFile(),
       [](const Config& c) { return c.portal.certificates.private_key_file; }, ExistingFile()},
      number("--portal-max-connections", "7",
             [](const Config& c) { return std::to_string(c.portal.pool.max_connections); }),
      {"--portal-idle-timeout", "5s",
       [](const Config& c) { return Milliseconds(c.portal.pool.idle_timeout); }, "5000"},
      {"--portal-connection-max-age", "1h",
       [](const Config& c) { return Milliseconds(c.portal.pool.max_age); }, "3600000"},
      {"--portal-dns-refresh", "10s",
       [](const Config& c) { return Milliseconds(c.portal.dns_refresh); }, "10000"},
      number("--portal-max-response-bytes", "4096",
             [](const Config& c) { return std::to_string(c.portal.client.response.body_bytes); }),
      number("--threads", "3", [](const Config& c) { return std::to_string(c.threads); }),
      number("--caller-max-connections", "12",
             [](const Config& c) { return std::to_string(c.limits.max_caller_connections); }),
      number("--max-in-flight", "9",
             [](const Config& c) { return std::to_string(c.limits.max_in_flight); }),
      {"--require-permissions", "on",
       [](const Config& c) { return std::string(c.require_permissions ? "on" : "off"); }, "on"},
      number("--max-reads-per-credential", "50",
             [](const Config& c) { return std::to_string(c.limits.max_reads_per_credential); }),
      number("--max-writes-per-credential", "15",
             [](const Config& c) { return std::to_string(c.limits.max_writes_per_credential); }),
      {"--portal-share-connections", "off",
       [](const Config& c) { return std::string(c.portal.pool.share ? "on" : "off"); }, "off"},
      {"--adaptive-limit", "on",
       [](const Config& c) { return std::string(c.limits.adaptive_limit ? "on" : "off"); }, "on"},
      number("--max-buffered-bytes", "1048576",
             [](const Config& c) { return std::to_string(c.limits.max_buffered_bytes); }),
      number("--caller-max-request-bytes", "2048",
             [](const Config& c) { return std::to_string(c.limits.max_request_bytes); }),
      number("--caller-max-metadata-bytes", "8192",
             [](const Config& c) { return std::to_string(c.limits.max_metadata_bytes); }),
      number("--caller-max-streams", "11",
             [](const Config& c) { return std::to_string(c.limits.max_streams); }),
      number("--max-grpc-memory", "33554432",
             [](const Config& c) { return std::to_string(c.limits.max_grpc_memory); }),
      {"--caller-connection-max-age", "2m",
       [](const Config& c) { return Milliseconds(c.limits.max_connection_age); }, "120000"},
      {"--drain-delay", "0", [](const Config& c) { return Milliseconds(c.drain.delay); }, "0"},
      {"--drain-grace", "7s", [](const Config& c) { return Milliseconds(c.drain.grace); }, "7000"},
      {"--trace-endpoint", "https://collector.example:4317",
       [](const Config& c) { return c.tracing.collector.Url(); }, "https://collector.example:4317"},
      {"--trace-ca-file", ExistingFile(),
       [](const Config& c) { return c.tracing.certificates.ca_file; }, ExistingFile()},
      {"--trace-headers-file", HeadersFile(),
       [](const Config& c) {
         std::string text;
         for (const auto& [name, value] : c.tracing.headers) {
           text += name + "=" + std::string(value.Reveal()) + "\n";
         }
         return text;
       },
       "x-scope=planted keys\n"},
      {"--trace-timeout", "2s", [](const Config& c) { return Milliseconds(c.tracing.timeout); },
       "2000"},
      {"--trace-sample-ratio", "0.25",
       [](const Config& c) { return std::to_string(c.tracing.sample_ratio); }, "0.250000"},
      {"--trace-parent-decides", "off",
       [](const Config& c) { return std::to_string(c.tracing.parent_decides); }, "0"},
      number("--trace-rate-limit", "7",
             [](const Config& c) { return std::to_string(c.tracing.rate_limit); }),
      {"--trace-service-name", "name", [](const Config& c) { return c.tracing.service_name; },
       "name"},
      {"--trace-resource-attributes", "deployment.environment=a%20b,team=keys",
       [](const Config& c) {
         std::string text;
         for (const auto& [key, value] : c.tracing.resource_attributes) {
           text += key + "=" + value + "\n";
         }
         return text;
       },
       "deployment.environment=a b\nteam=keys\n"},
      {"--log-format", "console", [](const Config& c) { return c.log.format; }, "console"},
      {"--log-level", "debug", [](const Config& c) { return c.log.level; }, "debug"},
      {"--log-peers", "off",
       [](const Config& c) { return std::string(c.log.peers ? "on" : "off"); }, "off"},
      {"--ready-file", "/run/ready", [](const Config& c) { return c.listen.ready_file; },
       "/run/ready"},
      {"--admin-listen", "[::1]:0", [](const Config& c) { return c.admin.listen; }, "[::1]:0"},
      {"--admin-hosts", "gateway.example,gateway",
       [](const Config& c) { return Lines(c.admin.hosts); }, "gateway.example\ngateway\n"},
      {"--admin-ready-file", "/run/admin", [](const Config& c) { return c.admin.ready_file; },
       "/run/admin"},
  };
  return examples;
}

Environment EnvironmentFor(std::string_view flag) {
  Environment rest = {{"DOCSPACE_URL", kPortalUrl}};
  if (flag.starts_with("--portal-") && flag.ends_with("-file") && !flag.ends_with("-ca-file")) {
    rest["DOCSPACE_PORTAL_CERTIFICATE_FILE"] = ExistingFile();
    rest["DOCSPACE_PORTAL_PRIVATE_KEY_FILE"] = ExistingFile();
  }
  if (flag == "--portal-proxy-credential-file") {
    rest["DOCSPACE_PORTAL_PROXY"] = "http://proxy.example:3128";
  }
  if (flag.starts_with("--caller-tls-") && flag.ends_with("-file")) {
    rest["DOCSPACE_CALLER_TLS_CERTIFICATE_FILE"] = ExistingFile();
    rest["DOCSPACE_CALLER_TLS_PRIVATE_KEY_FILE"] = ExistingFile();
  }
  if (flag == "--caller-tls-client-crl-file") {
    rest["DOCSPACE_CALLER_TLS_CLIENT_CA_FILE"] = ExistingFile();
  }
  if (flag == "--allowed-callers") {
    rest = {{"DOCSPACE_URL", kPortalUrl},
            {"DOCSPACE_CALLER_TLS_CERTIFICATE_FILE", ExistingFile()},
            {"DOCSPACE_CALLER_TLS_PRIVATE_KEY_FILE", ExistingFile()},
            {"DOCSPACE_CALLER_TLS_CLIENT_CA_FILE", ExistingFile()}};
  }
  rest.erase(std::string(FindSetting(flag).name.environment));
  return rest;
}

}  // namespace docspace::gateway::testkit
