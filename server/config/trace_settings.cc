#include "server/config/trace_settings.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "server/base/file_descriptor.h"
#include "server/base/utf8.h"
#include "server/config/key_values.h"
#include "server/config/setting_types.h"
#include "server/http/origin.h"

namespace docspace::gateway {
namespace {

// gRPC's collectors refuse much more.
constexpr std::size_t kMaxHeaderBytes = std::size_t{8} * 1024;

// Names that gRPC writes itself, or that HTTP/2 forbids (RFC 9113 section 8.2.2).
constexpr std::array<std::string_view, 8> kReserved = {
    "connection", "content-length", "content-type",      "host",
    "te",         "upgrade",        "transfer-encoding", "user-agent"};

// gRPC's specification allows these characters in the names of metadata.
bool IsHeaderName(std::string_view name) {
  return std::ranges::all_of(name,
                             [](unsigned char c) {
                               return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                                      c == '_' || c == '-' || c == '.';
                             }) &&
         !name.starts_with("grpc-") && !name.ends_with("-bin") &&
         std::ranges::find(kReserved, name) == kReserved.end();
}

bool IsHeaderValue(const std::string& value) {
  return !value.empty() &&
         std::ranges::all_of(value, [](unsigned char c) { return absl::ascii_isprint(c); });
}

}  // namespace

absl::Status ParseTraceEndpoint(const std::string& value, Config& config) {
  if (value.empty()) return absl::OkStatus();
  absl::StatusOr<http::Origin> origin = http::ParseOrigin(value);
  if (!origin.ok()) return origin.status();
  if (!origin->base_path.empty()) {
    return InvalidSetting("must be http://host:port or https://host:port");
  }
  config.tracing.collector = *std::move(origin);
  return absl::OkStatus();
}

absl::Status ReadTraceHeaders(const std::string& path, Config& config) {
  if (path.empty()) return absl::OkStatus();
  // O_NONBLOCK lets open() return at once for a FIFO without a writer. read() is used instead of a
  // stream, whose buffer would keep a copy.
  const int opened = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) return InvalidSetting("names a file that cannot be read");
  const FileDescriptor file(opened);
  std::string text(kMaxHeaderBytes + 1, '\0');
  const ssize_t size = read(file.get(), text.data(), text.size());
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  const bool is_too_large = text.size() > kMaxHeaderBytes;
  std::ranges::replace(text, '\n', ',');
  const Secret headers(std::move(text));
  if (size < 0) return InvalidSetting("names a file that cannot be read");
  if (is_too_large) return InvalidSetting("names a file of more than 8 KiB");
  absl::Status parsed = ParseTraceHeaders(headers, config);
  if (!parsed.ok()) {
    return InvalidSetting("names a file that " + std::string(parsed.message()));
  }
  return parsed;
}

absl::Status ParseTraceHeaders(const Secret& text, Config& config) {
  if (text.Reveal().size() > kMaxHeaderBytes) return InvalidSetting("has more than 8 KiB");
  absl::StatusOr<KeyValues> pairs = ParseKeyValues(text.Reveal());
  if (!pairs.ok()) return pairs.status();
  std::vector<TracingConfig::Header> headers;
  bool are_valid = true;
  for (auto& [name, value] : *pairs) {
    absl::AsciiStrToLower(&name);
    are_valid = are_valid && IsHeaderName(name) && IsHeaderValue(value);
    headers.push_back({std::move(name), Secret(std::move(value))});
  }
  if (!are_valid) return InvalidSetting("has a header that may not be sent to a collector");
  config.tracing.headers = std::move(headers);
  return absl::OkStatus();
}

absl::Status ParseResourceAttributes(const std::string& value, Config& config) {
  absl::StatusOr<KeyValues> attributes = ParseKeyValues(value);
  if (!attributes.ok()) return attributes.status();
  for (const auto& [key, text] : *attributes) {
    if (!IsValidUtf8(text)) return InvalidSetting("has a value that is not UTF-8");
    if (key == "service.name") {
      return InvalidSetting("has service.name, which is --trace-service-name");
    }
  }
  config.tracing.resource_attributes = *std::move(attributes);
  return absl::OkStatus();
}

}  // namespace docspace::gateway
