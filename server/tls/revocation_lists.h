// Lists of certificates that their authorities have revoked (CRLs, RFC 5280 section 5).
#ifndef SERVER_TLS_REVOCATION_LISTS_H_
#define SERVER_TLS_REVOCATION_LISTS_H_

#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/tls/x509.h"

namespace docspace::gateway {

// RevocationLists holds the lists of one file, together with the authorities that signed them.
// Thread-safe, and immutable.
class RevocationLists {
 public:
  using Time = std::chrono::system_clock::time_point;

  // The period of one list. A list without an end is valid for ever.
  struct Period {
    // The authority, as RFC 4514 writes a name: "CN=Callers,O=Example".
    std::string authority;
    Time issued;
    std::optional<Time> next_update;
  };

  // Reads `lists`, one or more CRLs in PEM. Each must be signed by one of `authorities`, which are
  // certificates in PEM. Returns INVALID_ARGUMENT if one is not, or if the text has no list or a
  // broken one; the message continues a sentence that begins with the name of the file's setting.
  static absl::StatusOr<std::shared_ptr<const RevocationLists>> Read(const std::string& authorities,
                                                                     const std::string& lists);

  // Returns why the first certificate of a text in PEM is not accepted at `now`, or an empty text
  // if it is: it is revoked, or its authority has no list that is valid at `now`. An authority's
  // own certificate is refused likewise if it is on the list of the authority above it; unlike for
  // the caller's certificate, such a list may be missing.
  std::string ProblemOf(std::string_view certificate, Time now) const;

  // Returns the first time at which an authority's newest list expires, or nothing if none does.
  std::optional<Time> FirstExpiry() const;

  // Returns the period of the newest list of each authority.
  const std::vector<Period>& periods() const { return periods_; }
  // Returns the names of those authorities that have no list, although they are able to sign
  // certificates of callers.
  const std::vector<std::string>& authorities_without_list() const {
    return authorities_without_list_;
  }

 private:
  RevocationLists() = default;

  void AddPeriod(Period period);
  bool HasListOf(const X509_NAME* authority) const;
  // Verifies one certificate against the list of its authority. Sets `issuer` to the certificate of
  // that authority if it has another one above it, or to null.
  std::string Verify(X509* certificate, Time now, X509Certificate& issuer) const;

  // The authorities and the lists in OpenSSL's form.
  std::shared_ptr<X509_STORE> store_;
  std::vector<std::shared_ptr<X509_CRL>> lists_;
  std::vector<Period> periods_;
  std::vector<std::string> authorities_without_list_;
};

}  // namespace docspace::gateway

#endif  // SERVER_TLS_REVOCATION_LISTS_H_
