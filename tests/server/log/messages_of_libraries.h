// Messages as gRPC, Protobuf and Abseil write them, in the way of their releases: see
// server/log/library_messages.h.
#ifndef TESTS_SERVER_LOG_MESSAGES_OF_LIBRARIES_H_
#define TESTS_SERVER_LOG_MESSAGES_OF_LIBRARIES_H_

#include <grpcpp/version_info.h>

#include <cstdlib>
#include <string>

#include "absl/base/internal/raw_logging.h"

#if GRPC_CPP_VERSION_MAJOR > 1 || GRPC_CPP_VERSION_MINOR >= 66
#include "absl/log/absl_log.h"
#else
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#endif

namespace docspace::gateway {

// gRPC's messages come from one place in its source, so they share a limit.
#if GRPC_CPP_VERSION_MAJOR > 1 || GRPC_CPP_VERSION_MINOR >= 66

inline void LogErrorOfGrpc(const std::string& text) {
  ABSL_LOG(ERROR).AtLocation("src/core/call/call.cc", 1) << text;
}
inline void LogRemarkOfGrpc(const std::string& text) {
  ABSL_LOG(INFO).AtLocation("src/core/call/call.cc", 1) << text;
}
inline void LogFailedHandshakeOfGrpc(const std::string& text) {
  LogRemarkOfGrpc("Handshake failed with error SSL_ERROR_SSL: " + text);
}
[[noreturn]] inline void FailCheckOfGrpc(const std::string& text) {
  ABSL_LOG(FATAL).AtLocation("src/core/call/call.cc", 1) << "Check failed: " << text;
}
inline void LogErrorOfProtobuf(const std::string& text) {
  ABSL_LOG(ERROR).AtLocation("src/google/protobuf/wire_format_lite.cc", 1) << text;
}

#else

inline void LogErrorOfGrpc(const std::string& text) {
  gpr_log("src/core/call/call.cc", 1, GPR_LOG_SEVERITY_ERROR, "%s", text.c_str());
}
inline void LogRemarkOfGrpc(const std::string& text) {
  gpr_log("src/core/call/call.cc", 1, GPR_LOG_SEVERITY_DEBUG, "%s", text.c_str());
}
inline void LogFailedHandshakeOfGrpc(const std::string& text) {
  LogErrorOfGrpc("Handshake failed with fatal error SSL_ERROR_SSL: " + text);
}
[[noreturn]] inline void FailCheckOfGrpc(const std::string& text) {
  LogErrorOfGrpc("assertion failed: " + text);
  std::abort();
}
inline void LogErrorOfProtobuf(const std::string& text) { GOOGLE_LOG(ERROR) << text; }

#endif

inline void LogWarningOfAbseil(const std::string& text) {
  ABSL_RAW_LOG(WARNING, "%s", text.c_str());
}

}  // namespace docspace::gateway

#endif  // TESTS_SERVER_LOG_MESSAGES_OF_LIBRARIES_H_
