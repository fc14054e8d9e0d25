// A failed call, for a person.
#ifndef CLIENT_CLI_ERROR_REPORT_H_
#define CLIENT_CLI_ERROR_REPORT_H_

#include <ostream>
#include <string_view>

#include "client/cpp/error.h"
#include "client/cpp/retry.h"

namespace docspace::apikeys::cli {

// Returns what the user can do about an error. Empty if there is no advice.
std::string_view HintFor(const ApiKeysError& error, Access access);

// Message, code, reason, field and quota violations, HTTP status, request id, retry delay, hint: a
// line each, escaped, and only those that there are. `proxy` describes the proxy that the
// connection goes through; empty: none. It is named where it may be to blame.
void ReportError(const ApiKeysError& error, Access access, std::string_view proxy, bool colour,
                 std::ostream& err);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_ERROR_REPORT_H_
