// Who may call, by the names that their certificates bear.
#ifndef SERVER_ALLOWED_CALLERS_H_
#define SERVER_ALLOWED_CALLERS_H_

#include <grpcpp/security/auth_context.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace docspace::gateway {

class AllowedCallers {
 public:
  // Subject alternative names: SPIFFE ids, other URIs, DNS names; one that ends in `/*` stands for
  // all that begin with what precedes the `*`. Everyone is allowed where there are none.
  explicit AllowedCallers(std::vector<std::string> names) : names_(std::move(names)) {}

  bool everyone() const { return names_.empty(); }

  // PERMISSION_DENIED `CALLER_NOT_ALLOWED` unless the caller showed a certificate, verified by
  // TLS, with one of the names. The subject's common name counts for nothing (RFC 9525 section 2).
  absl::Status Judge(const grpc::AuthContext& caller) const;

 private:
  bool Has(std::string_view name) const;

  const std::vector<std::string> names_;
};

}  // namespace docspace::gateway

#endif  // SERVER_ALLOWED_CALLERS_H_
