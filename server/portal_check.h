// Looks for a portal as a call would, step by step, for --check-config.
#ifndef SERVER_PORTAL_CHECK_H_
#define SERVER_PORTAL_CHECK_H_

#include <iosfwd>

#include "absl/status/status.h"
#include "server/config/config.h"

namespace docspace::gateway {

// Resolves each portal's name, connects to each address, completes the TLS handshake, and makes two
// calls that must be answered with 401: one without a credential, and one with an API key that
// does not exist, which detects a name without a portal in the vendor's cloud. Writes a line for
// each finding, `ok`, `WARN` or `FAIL`, and `note` for what cannot be told without a valid
// credential. Each step may take as long as a call's connecting may. False if something failed.
// Certificates that cannot be read are such a failure, and so is what ExamineCertificates finds
// wrong with the gateway's own ones.
bool CheckPortals(const Config& config, std::ostream& findings);

}  // namespace docspace::gateway

#endif  // SERVER_PORTAL_CHECK_H_
