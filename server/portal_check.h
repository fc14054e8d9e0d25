// Examines the portals step by step, as a call would reach them, for --check-config.
#ifndef SERVER_PORTAL_CHECK_H_
#define SERVER_PORTAL_CHECK_H_

#include <iosfwd>

#include "absl/status/status.h"
#include "server/config/config.h"

namespace docspace::gateway {

// Resolves each portal's name, connects to each address, completes the TLS handshake, and makes two
// calls that the portal must refuse with 401: one without a credential, and one with an API key
// that does not exist, which detects a name without a portal in the vendor's cloud. Writes a line
// for each finding, `ok`, `WARN` or `FAIL`, and `note` for facts that only a valid credential could
// show. Each step may take as long as connecting may take for a call. Returns false if something
// failed. Unreadable certificates count as a failure, and so do the defects that
// ExamineCertificates finds in the gateway's own ones. Blocks.
bool CheckPortals(const Config& config, std::ostream& findings);

}  // namespace docspace::gateway

#endif  // SERVER_PORTAL_CHECK_H_
