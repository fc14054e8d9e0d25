#include "server/metrics/certificate_expiry.h"

#include "server/tls/x509.h"

namespace docspace::gateway {

std::optional<std::chrono::system_clock::time_point> ExpiryOf(const std::string& chain) {
  std::optional<std::chrono::system_clock::time_point> earliest;
  for (const X509Certificate& certificate : ReadX509Chain(chain)) {
    const auto expiry = InstantOf(X509_get0_notAfter(certificate.get()));
    if (expiry && (!earliest || *expiry < *earliest)) earliest = expiry;
  }
  return earliest;
}

}  // namespace docspace::gateway
