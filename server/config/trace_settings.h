// The settings of tracing that have a form of their own.
#ifndef SERVER_CONFIG_TRACE_SETTINGS_H_
#define SERVER_CONFIG_TRACE_SETTINGS_H_

#include <string>

#include "absl/status/status.h"
#include "server/base/secret.h"
#include "server/config/config.h"

namespace docspace::gateway {

// Each function below is a SettingParser.

// Parses the URL of the collector of spans. An empty value names none.
absl::Status ParseTraceEndpoint(const std::string& value, Config& config);

// Reads the headers for the collector from a file: each line is of the form that
// ParseTraceHeaders takes. An empty value names no file.
absl::Status ReadTraceHeaders(const std::string& path, Config& config);

// Parses headers for the collector, such as `authorization=Bearer%20abc,x-scope=keys`. Returns
// INVALID_ARGUMENT if one may not be sent: one of gRPC or HTTP/2 itself, one whose name ends in
// `-bin`, or one with another value than printable ASCII.
absl::Status ParseTraceHeaders(const Secret& text, Config& config);

// Parses the attributes of the program whose spans are exported. `service.name` is none of them,
// because it is a setting of its own.
absl::Status ParseResourceAttributes(const std::string& value, Config& config);

}  // namespace docspace::gateway

#endif  // SERVER_CONFIG_TRACE_SETTINGS_H_
