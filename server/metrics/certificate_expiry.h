// The time at which certificates expire.
#ifndef SERVER_METRICS_CERTIFICATE_EXPIRY_H_
#define SERVER_METRICS_CERTIFICATE_EXPIRY_H_

#include <chrono>
#include <optional>
#include <string>

namespace docspace::gateway {

// Returns the earliest `notAfter` of a chain in PEM, or nothing if the text holds no certificate.
std::optional<std::chrono::system_clock::time_point> ExpiryOf(const std::string& chain);

}  // namespace docspace::gateway

#endif  // SERVER_METRICS_CERTIFICATE_EXPIRY_H_
