#include "server/caller/caller_identity.h"

#include <grpc/grpc_security_constants.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "server/base/host_port.h"

namespace docspace::gateway {
namespace {

namespace ip = boost::asio::ip;

constexpr std::size_t kMaxName = 256;

}  // namespace

std::string PeerAddress(std::string_view peer) {
  absl::string_view address(peer.data(), peer.size());
  if (absl::ConsumePrefix(&address, "ipv4:")) return std::string(address);
  if (!absl::ConsumePrefix(&address, "ipv6:")) return std::string(peer);
  return absl::StrReplaceAll(address, {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
}

std::string PeerIpAddress(std::string_view peer) {
  if (!peer.starts_with("ipv4:") && !peer.starts_with("ipv6:")) return {};
  const absl::StatusOr<HostPort> named = ParseHostPort(PeerAddress(peer));
  if (!named.ok()) return {};
  const std::string host = named->host.substr(0, named->host.find('%'));
  boost::system::error_code error;
  const ip::address address = ip::make_address(host, error);
  if (error) return {};
  const bool carries_ipv4 = address.is_v6() && address.to_v6().is_v4_mapped();
  return carries_ipv4 ? ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string()
                      : address.to_string();
}

std::string CertificateName(const grpc::AuthContext& caller) {
  if (!caller.IsPeerAuthenticated()) return "";
  for (const char* property : {GRPC_PEER_SPIFFE_ID_PROPERTY_NAME, GRPC_X509_SAN_PROPERTY_NAME}) {
    const auto names = caller.FindPropertyValues(property);
    if (names.empty()) continue;
    return {names.front().data(), std::min(names.front().size(), kMaxName)};
  }
  return "";
}

}  // namespace docspace::gateway
