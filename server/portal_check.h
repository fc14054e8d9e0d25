// Looks for a portal as a call would, step by step, for --check-config.
#ifndef SERVER_PORTAL_CHECK_H_
#define SERVER_PORTAL_CHECK_H_

#include <iosfwd>

#include "absl/status/status.h"
#include "server/config.h"

namespace docspace::gateway {

// Resolves each portal's name, connects to each address, shakes hands with TLS, and makes a call
// without a credential, which must be answered with 401. Writes a line for each finding, `ok` or
// `FAIL`. Each step may take as long as a call's connecting may. False where something failed.
// Certificates that cannot be read are such a failure.
bool CheckPortals(const Config& config, std::ostream& findings);

}  // namespace docspace::gateway

#endif  // SERVER_PORTAL_CHECK_H_
