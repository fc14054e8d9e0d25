// The decision which callers may call, by the names in their certificates.
#ifndef SERVER_CALLER_ALLOWED_CALLERS_H_
#define SERVER_CALLER_ALLOWED_CALLERS_H_

#include <grpcpp/security/auth_context.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "server/tls/certificates.h"
#include "server/tls/revocation_lists.h"

namespace docspace::gateway {

// AllowedCallers checks the certificate that a caller presented when its connection was made. TLS
// verified the signature at that time, but gRPC resumes sessions for two hours without verifying
// the certificate again, and a connection may outlive its certificate too; gRPC 1.51 has no setting
// that issues no tickets. So the period of validity, and whether the certificate has been revoked,
// are checked for each call. The result is kept by certificate: a further call with the same one
// costs a look-up instead of a parse. Whether it has been revoked is checked anew when the lists
// have changed, and every ten seconds, because lists expire.
//
// Thread-safe.
class AllowedCallers {
 public:
  using Time = std::chrono::system_clock::time_point;

  // `names` are as CallerName describes; if there are none, everyone is allowed.
  // `asks_for_certificates` is true if callers can present certificates at all. `certificates`
  // returns those whose revocation lists count; if it is null, there are no lists.
  explicit AllowedCallers(std::vector<std::string> names, bool asks_for_certificates = true,
                          CertificateSource certificates = nullptr)
      : names_(std::move(names)),
        asks_for_certificates_(asks_for_certificates),
        certificates_(std::move(certificates)) {}

  // Returns whether every call is allowed without a check.
  bool everyone() const { return names_.empty() && !asks_for_certificates_; }

  // Returns PERMISSION_DENIED `CALLER_NOT_ALLOWED` if the caller's certificate is not valid at
  // `now`, if there are revocation lists and they do not show that it is not revoked, or if there
  // are names and none is in the certificate. A URI is compared with URIs only,
  // and only if the certificate has exactly one and is no authority's (SPIFFE X509-SVID.md sections
  // 2 and 5.2); a DNS name with DNS names only. The subject's common name counts for nothing (RFC
  // 9525 section 2).
  absl::Status Authorize(const grpc::AuthContext& caller,
                         Time now = std::chrono::system_clock::now()) const;

 private:
  struct Verdict {
    bool has_allowed_name = false;
    // Both instants are included. An unreadable certificate is never valid.
    Time not_before = Time::max();
    Time not_after = Time::min();
    // The lists by which the certificate was checked for revocation, when, and why it was refused.
    std::shared_ptr<const RevocationLists> lists{};
    Time checked_at = Time::min();
    std::string problem{};
  };

  Verdict VerdictOn(std::string_view pem, Time now) const;
  Verdict Read(std::string_view pem) const;

  const std::vector<std::string> names_;
  const bool asks_for_certificates_;
  const CertificateSource certificates_;
  mutable std::mutex mutex_;
  // The keys are certificates in PEM.
  mutable absl::flat_hash_map<std::string, Verdict> verdicts_;
};

}  // namespace docspace::gateway

#endif  // SERVER_CALLER_ALLOWED_CALLERS_H_
