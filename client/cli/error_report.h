// Reports a failed call to a person.
#ifndef CLIENT_CLI_ERROR_REPORT_H_
#define CLIENT_CLI_ERROR_REPORT_H_

#include <ostream>
#include <string_view>

#include "client/cpp/error.h"
#include "client/cpp/retry.h"

namespace docspace::apikeys::cli {

// Returns what the user can do about an error. Empty if there is no advice.
std::string_view HintFor(const ApiKeysError& error, Access access);

// Prints message, code, reason, field and quota violations, HTTP status, request id, retry delay
// and hint: a line for each one that exists, escaped. `proxy` describes the connection's proxy, or
// is empty if there is none; it is named if it may be the cause.
void ReportError(const ApiKeysError& error, Access access, std::string_view proxy, bool colour,
                 std::ostream& err);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_ERROR_REPORT_H_
