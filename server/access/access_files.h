// The files with what opens the way to a portal: the credential for a forward proxy, and headers
// for an access proxy.
#ifndef SERVER_ACCESS_ACCESS_FILES_H_
#define SERVER_ACCESS_ACCESS_FILES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/config/config.h"
#include "server/http/access_secrets.h"

namespace docspace::gateway {

// AccessFiles names the files of one portal. An empty path means that there is no such file.
struct AccessFiles {
  // `user:password` for the forward proxy, on one line.
  std::string proxy_credential_file;
  // A header on each line: `Name: value`. Empty lines, and lines that begin with `#`, are ignored.
  std::string headers_file;

  bool empty() const { return proxy_credential_file.empty() && headers_file.empty(); }
};

// Returns the files that the settings name for a portal.
AccessFiles FilesOf(const PortalAccess& access);

// Returns whether a file of headers may set the header `name`: an HTTP token that is neither the
// request's address, framing, connection or content, nor a credential, nor a condition or an
// override of the request, nor one that the gateway or a proxy sets to say who calls.
bool MayBeFixed(std::string_view name);

// Reads the files. Returns INVALID_ARGUMENT, with the name of the file, the line and the reason, if
// a file cannot be used; the message repeats nothing of a file. Blocks on file I/O.
absl::StatusOr<http::AccessSecrets> ReadAccessFiles(const AccessFiles& files);

}  // namespace docspace::gateway

#endif  // SERVER_ACCESS_ACCESS_FILES_H_
