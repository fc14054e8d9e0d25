// The classification of whose fault a status is, which log levels and spans share.
#ifndef SERVER_BASE_STATUS_FAULT_H_
#define SERVER_BASE_STATUS_FAULT_H_

#include <algorithm>
#include <array>
#include <string_view>

namespace docspace::gateway {

// Returns true if a status with this code, by name, is a failure of the gateway or of what is
// behind it, and not of the caller. Source: OpenTelemetry's semantic conventions for gRPC, which
// count these codes as errors of a server's span.
constexpr bool IsServerFault(std::string_view code_name) {
  constexpr std::array<std::string_view, 6> kCodes = {
      "UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"};
  return std::ranges::find(kCodes, code_name) != kCodes.end();
}

}  // namespace docspace::gateway

#endif  // SERVER_BASE_STATUS_FAULT_H_
