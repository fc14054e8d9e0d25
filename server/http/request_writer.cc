#include "server/http/request_writer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "server/base/ascii.h"
#include "server/base/http_chars.h"

namespace docspace::gateway::http {
namespace {

bool IsTarget(std::string_view target) { return target.starts_with('/') && IsVisibleAscii(target); }

// Returns whether this file writes the field itself. A second such field would contradict the first
// one about where the request ends or goes.
bool IsOurs(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {
      "Host", "User-Agent", "Accept-Encoding", "Content-Length", "Transfer-Encoding", "Connection"};
  return std::ranges::any_of(
      kNames, [name](std::string_view ours) { return EqualsIgnoreCase(name, ours); });
}

bool IsNamed(const Header& header, const Header& other) {
  return EqualsIgnoreCase(header.name, other.name);
}

bool AppendHeader(std::string& octets, std::string_view name, std::string_view value) {
  if (!IsToken(name) || !IsPrintableAscii(value)) return false;
  octets.append(name).append(": ", 2).append(value).append("\r\n", 2);
  return true;
}

}  // namespace

std::optional<Secret> WriteRequest(const Request& request, const Origin& origin,
                                   std::span<const Header> replacing,
                                   std::span<const SecretHeader> fixed) {
  const std::string authority = origin.Authority();
  std::size_t size = 256 + authority.size() + origin.base_path.size() + request.target.size() +
                     request.body.size();
  for (const Header& header : request.headers) size += header.name.size() + header.value.size() + 4;
  for (const Header& header : replacing) size += header.name.size() + header.value.size() + 4;
  for (const SecretHeader& header : fixed) {
    size += header.name.size() + header.value.Reveal().size() + 4;
  }
  if (request.credential) {
    size += request.credential->name.size() + request.credential->value.Reveal().size() + 4;
  }

  std::string octets;
  octets.reserve(size);  // Growing would leave copies of the credential.
  if (!IsTarget(request.target)) return std::nullopt;
  octets.append(ToString(request.method)).append(" ");
  octets.append(origin.base_path).append(request.target).append(" HTTP/1.1\r\n");
  // Without Accept-Encoding a server may choose any coding (RFC 9110 section 12.5.3), and some
  // proxies then compress. The reader of responses decodes none.
  bool sound = AppendHeader(octets, "Host", authority);
  octets.append("User-Agent: docspace-apikeys-gateway\r\nAccept-Encoding: identity\r\n");
  const auto append = [&octets, &sound](const Header& header) {
    sound = sound && !IsOurs(header.name) && AppendHeader(octets, header.name, header.value);
  };
  for (const Header& header : request.headers) {
    const auto replaces = [&header](const Header& other) { return IsNamed(header, other); };
    if (!std::ranges::any_of(replacing, replaces)) append(header);
  }
  for (const Header& header : replacing) append(header);
  for (const SecretHeader& header : fixed) {
    sound =
        sound && !IsOurs(header.name) && AppendHeader(octets, header.name, header.value.Reveal());
  }
  if (request.credential) {
    sound =
        sound && AppendHeader(octets, request.credential->name, request.credential->value.Reveal());
  }
  // The upstream would read a body without a length as its next request, whatever method this one
  // has.
  if (!request.body.empty() || request.method == Method::kPost || request.method == Method::kPut) {
    sound = sound && AppendHeader(octets, "Content-Length", std::to_string(request.body.size()));
  }
  Secret written(std::move(octets.append("\r\n").append(request.body)));
  if (!sound) return std::nullopt;
  return written;
}

}  // namespace docspace::gateway::http
