// The names by which callers are known: URIs and DNS names, and patterns of URIs.
#ifndef SERVER_CALLER_CALLER_NAME_H_
#define SERVER_CALLER_CALLER_NAME_H_

#include <string_view>

namespace docspace::gateway {

// Returns whether `uri` is a SPIFFE ID with a path, by the SPIFFE ID standard (SPIFFE-ID.md,
// section 2): scheme and trust domain in lower case, no port, user, query or fragment, at most
// 2,048 bytes, and a path whose segments consist of letters, digits, `.`, `-` and `_`, of which
// none is empty, `.` or `..`. Percent-encoding is not allowed.
bool IsSpiffeId(std::string_view uri);

// A name that an operator allows. It is a URI if it contains `://`, and a DNS name otherwise. A URI
// that ends in `/*` is a pattern: it stands for all URIs that have further path segments in place
// of the `*`, each of which is as IsSpiffeId demands. `allowed` must outlive this object.
class CallerName {
 public:
  explicit CallerName(std::string_view allowed) : allowed_(allowed) {}

  // Returns whether the name can match anything: a URI of scheme `spiffe` must be a SPIFFE ID or a
  // pattern of some, and a DNS name must be a host name.
  bool IsValid() const;

  // Returns whether the name, or the pattern, stands for a URI of a certificate: compared byte by
  // byte, and a URI of scheme `spiffe` only if it is a SPIFFE ID.
  bool MatchesUri(std::string_view uri) const;

  // Returns whether the name is a DNS name of a certificate, without regard to case (RFC 9525
  // section 6.3). A wildcard in a certificate matches nothing.
  bool MatchesDnsName(std::string_view dns_name) const;

 private:
  bool is_uri() const { return allowed_.find("://") != std::string_view::npos; }
  bool is_pattern() const { return is_uri() && allowed_.ends_with("/*"); }

  std::string_view allowed_;
};

}  // namespace docspace::gateway

#endif  // SERVER_CALLER_CALLER_NAME_H_
