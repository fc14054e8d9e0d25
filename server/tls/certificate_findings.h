// Defects of a certificate and its key that do not prevent their use.
#ifndef SERVER_TLS_CERTIFICATE_FINDINGS_H_
#define SERVER_TLS_CERTIFICATE_FINDINGS_H_

#include <chrono>
#include <string>
#include <vector>

#include "server/tls/certificates.h"

namespace docspace::gateway {

struct CertificateFinding {
  // False if the defect is still to come: the certificate expires soon.
  bool is_wrong = true;
  // "--caller-tls-certificate-file has expired: 2026-11-28 12:00 UTC"
  std::string what;
};

// Examines the chain with which the gateway authenticates itself, and its key, at the time `now`:
// a certificate of the chain that is not valid, or not for seven days more; a certificate that is
// not for each of `files.names`, or that is towards callers and has no alternative name at all; a
// key that others than its owner and group can read, that others than its owner can write, or that
// belongs neither to the process's user nor to root; a chain whose certificates are not in order.
// Of revocation lists it finds those that are not valid, or not for the last quarter of their
// period more, and authorities without one.
//
// This reads the mode and owner of the key's file, so it may block.
std::vector<CertificateFinding> ExamineCertificates(const CertificateFiles& files,
                                                    const Certificates& certificates,
                                                    std::chrono::system_clock::time_point now);

}  // namespace docspace::gateway

#endif  // SERVER_TLS_CERTIFICATE_FINDINGS_H_
