// Checks the way from the caller's metadata to the request on the wire: nothing that a caller sends
// adds a header, a line or a request.
//
// An input is a list of entries, each of which ends in byte 1E: the name, ": ", and the value,
// which may hold any other byte.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/caller/credentials.h"
#include "server/caller/forwarded_metadata.h"
#include "server/docspace/routes.h"
#include "server/http/request_writer.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/require.h"

namespace docspace::fuzz {
namespace {

using gateway::MetadataView;
using gateway::http::Header;
using gateway::http::Method;
using gateway::http::Origin;
using gateway::http::Request;

bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

// The written request, parsed as strictly as a server may parse it.
struct Written {
  std::string line;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

Written ReadWritten(std::string_view octets) {
  Written written;
  written.line = TakeUntil(octets, "\r\n");
  Require(IsPrintable(written.line), "the request line is one line");
  while (true) {
    Require(!octets.empty(), "the head has an end");
    std::string_view line = TakeUntil(octets, "\r\n");
    if (line.empty()) break;
    Require(IsPrintable(line), "a header is one line");
    Require(line.find(": ") != std::string_view::npos, "a header has a name");
    const std::string_view name = TakeUntil(line, ": ");
    Require(name.find_first_of(" \t:") == std::string_view::npos, "a name is a token");
    written.headers.emplace_back(name, line);
  }
  written.body = octets;
  return written;
}

std::size_t Count(const Written& written, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count(written.headers, name, [](const auto& header) { return header.first; }));
}

void CheckWritten(const Request& request, std::string_view octets) {
  const Written written = ReadWritten(octets);
  Require(written.line ==
              std::string(ToString(request.method)) + " /docs" + request.target + " HTTP/1.1",
          "the request line is the request's");
  const bool has_length = Count(written, "Content-Length") == 1;
  std::vector<std::pair<std::string, std::string>> expected = {
      {"Host", "portal.example:8443"},
      {"User-Agent", "docspace-apikeys-gateway"},
      {"Accept-Encoding", "identity"}};
  for (const Header& header : request.headers) expected.emplace_back(header.name, header.value);
  if (request.credential) {
    expected.emplace_back(request.credential->name, request.credential->value.Reveal());
  }
  if (has_length) expected.emplace_back("Content-Length", std::to_string(request.body.size()));
  Require(written.headers == expected, "the headers are the request's");
  Require(Count(written, "Host") == 1 && Count(written, "Transfer-Encoding") == 0,
          "there is one Host, and no other framing");
  Require(written.body == request.body && (has_length || written.body.empty()),
          "the body is the request's, and as long as is said");
}

const Origin& Portal() {
  static const Origin origin{
      .tls = true, .host = "portal.example", .port = 8443, .base_path = "/docs"};
  return origin;
}

void CheckCredential(const gateway::http::Credential& credential) {
  const std::string_view value = credential.value.Reveal();
  Require(IsPrintable(value), "a credential holds only 0x20-0x7E");
  if (credential.name == "Cookie") {
    Require(value.starts_with("asc_auth_key="), "it is the portal's cookie");
    Require(value.find_first_of(" ;,\"\\") == std::string_view::npos, "it is one cookie");
  } else {
    Require(credential.name == "Authorization", "it is one of the two headers");
    Require(value.starts_with("Basic ") || value.starts_with("Bearer "), "the scheme is known");
    Require(std::ranges::count(value, ' ') == 1, "it is one scheme and one token");
  }
}

std::string_view Find(const MetadataView& metadata, std::string_view name) {
  for (const auto& [key, value] : metadata) {
    if (key == name) return value;
  }
  return {};
}

// Checks the call that the gateway makes from this metadata.
void CheckCall(const MetadataView& metadata) {
  const gateway::ForwardedMetadata forwarded = gateway::SelectForwarded(metadata);
  Require(!forwarded.request_id.empty() && forwarded.request_id.size() <= 128 &&
              IsPrintable(forwarded.request_id),
          "a call has a request id that can be logged");
  const auto credential = gateway::ParseCredential(metadata);
  if (!credential.ok()) {
    Require(credential.status().code() == absl::StatusCode::kUnauthenticated ||
                credential.status().code() == absl::StatusCode::kInvalidArgument,
            "a refusal is one of the two");
    return;
  }
  CheckCredential(*credential);

  apikeys::v1::CreateApiKeyRequest create;
  create.set_name(std::string(Find(metadata, "name")));
  apikeys::v1::UpdateApiKeyRequest update;
  update.set_key_id(std::string(Find(metadata, "key_id")));
  update.set_name(create.name());
  update.add_permissions(create.name());
  apikeys::v1::DeleteApiKeyRequest destroy;
  destroy.set_key_id(update.key_id());
  apikeys::v1::GetApiKeysRequest list;
  list.set_fields(std::string(Find(metadata, "fields")));
  for (const auto& encoded : {gateway::Encode(create), gateway::Encode(update),
                              gateway::Encode(destroy), gateway::Encode(list)}) {
    if (!encoded.ok()) continue;
    Request request = *encoded;
    request.credential = *credential;
    request.headers.insert(request.headers.end(), forwarded.headers.begin(),
                           forwarded.headers.end());
    const auto octets = WriteRequest(request, Portal());
    Require(octets.has_value(), "what was checked can be written");
    CheckWritten(request, octets->Reveal());
    const Written written = ReadWritten(octets->Reveal());
    Require(Count(written, "Authorization") + Count(written, "Cookie") == 1,
            "exactly one credential is sent");
  }
}

// Checks the last line of defence: a request whose parts have not been validated.
void CheckUnchecked(const MetadataView& metadata) {
  Request request{.method = static_cast<Method>(metadata.size() % 4),
                  .target = std::string(Find(metadata, "target"))};
  for (const auto& [name, value] : metadata) {
    if (name == "target") continue;
    if (name == "body") {
      request.body = value;
    } else {
      request.headers.push_back({std::string(name), std::string(value)});
    }
  }
  const auto octets = WriteRequest(request, Portal());
  if (octets) CheckWritten(request, octets->Reveal());
}

}  // namespace
}  // namespace docspace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace docspace::fuzz;  // NOLINT(google-build-using-namespace): its one user.
  std::string_view rest = Text(data, size);
  docspace::gateway::MetadataView metadata;
  while (!rest.empty()) {
    std::string_view value = TakeUntil(rest, "\x1E");
    const std::string_view name = TakeUntil(value, ": ");
    metadata.emplace_back(name, value);
  }
  CheckCall(metadata);
  CheckUnchecked(metadata);
  return 0;
}
