// The parts of a caller's certificate that identify its owner.
#ifndef SERVER_CALLER_CALLER_CERTIFICATE_H_
#define SERVER_CALLER_CALLER_CERTIFICATE_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace docspace::gateway {

struct CallerCertificate {
  // The subject alternative names of kind URI and of kind DNS, byte for byte; names of other kinds
  // are not names of callers.
  std::vector<std::string> uris;
  std::vector<std::string> dns_names;
  // True if it may sign certificates: then it belongs to an authority, not to a caller.
  bool is_authority = false;
  std::chrono::system_clock::time_point not_before;
  std::chrono::system_clock::time_point not_after;
};

// Reads the first certificate of a text in PEM. Returns nothing if it cannot be read, or if its
// names or times are malformed. Does not verify a signature: TLS does.
std::optional<CallerCertificate> ReadCallerCertificate(std::string_view pem);

}  // namespace docspace::gateway

#endif  // SERVER_CALLER_CALLER_CERTIFICATE_H_
