// The detail of failures of calls that the end of the gateway prevents.
#ifndef SERVER_SERVICE_SHUTDOWN_H_
#define SERVER_SERVICE_SHUTDOWN_H_

namespace docspace::gateway {

inline constexpr const char* kShuttingDown = "the gateway is shutting down";

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_SHUTDOWN_H_
