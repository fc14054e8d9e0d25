// X.509 certificates in memory, as OpenSSL reads them.
#ifndef SERVER_TLS_X509_H_
#define SERVER_TLS_X509_H_

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace docspace::gateway {

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using X509Certificate = std::unique_ptr<X509, FreeX509>;

// Returns the certificates of a text in PEM, in their order, up to the first that cannot be read.
std::vector<X509Certificate> ReadX509Chain(std::string_view pem);

// Returns a name as RFC 4514 writes it, "CN=Callers,O=Example", of at most 256 bytes, without
// control characters.
std::string NameOf(const X509_NAME* name);

// Returns the instant of `time`, or nothing if it is malformed.
std::optional<std::chrono::system_clock::time_point> InstantOf(const ASN1_TIME* time);

}  // namespace docspace::gateway

#endif  // SERVER_TLS_X509_H_
