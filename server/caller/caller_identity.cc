#include "server/caller/caller_identity.h"

#include <grpc/grpc_security_constants.h>

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace docspace::gateway {
namespace {

constexpr std::size_t kMaxName = 256;

}  // namespace

std::string PeerAddress(std::string_view peer) {
  absl::string_view address(peer.data(), peer.size());
  if (absl::ConsumePrefix(&address, "ipv4:")) return std::string(address);
  if (!absl::ConsumePrefix(&address, "ipv6:")) return std::string(peer);
  return absl::StrReplaceAll(address, {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
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
