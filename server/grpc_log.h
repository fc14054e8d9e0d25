// gRPC's own complaints, as lines of the log.
#ifndef SERVER_GRPC_LOG_H_
#define SERVER_GRPC_LOG_H_

#include <memory>

namespace spdlog {
class logger;
}

namespace docspace::gateway {

// From now on, and for the whole process, what gRPC has to say (by default: errors only, such as a
// handshake that failed) is an event `grpc` of the log.
void LogGrpcThrough(std::shared_ptr<spdlog::logger> logger);

}  // namespace docspace::gateway

#endif  // SERVER_GRPC_LOG_H_
