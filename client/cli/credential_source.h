// The sources of the tool's one credential. The command line is none, because other users can read
// it.
#ifndef CLIENT_CLI_CREDENTIAL_SOURCE_H_
#define CLIENT_CLI_CREDENTIAL_SOURCE_H_

#include <array>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "client/cli/console.h"
#include "client/cpp/credential.h"

namespace docspace::apikeys::cli {

// The values of --credential-scheme.
inline constexpr std::array<const char*, 6> kSchemes = {"basic",  "bearer",  "oauth2",
                                                        "openid", "api-key", "session"};

// The text of --help about credentials.
inline constexpr std::string_view kCredentialHelp =
    R"(Credential, from exactly one of:
  DOCSPACE_API_KEY        an API key: sk-...
  DOCSPACE_BEARER_TOKEN   a JWT, OAuth 2.0 or OpenID Connect token
  DOCSPACE_BASIC          email:password
  DOCSPACE_SESSION_TOKEN  the value of the portal's asc_auth_key cookie
  --credential-file PATH or --credential-fd N, with --credential-scheme
)";

struct CredentialFlags {
  std::optional<std::string> file;
  std::optional<int> fd;
  std::optional<std::string> scheme;
};

// Reads the one given credential; a line break at the end of a file is not part of it. Warns if
// others can read the file.
//
// Throws UsageError if there is no credential or more than one, if the file cannot be read, or if
// the value cannot be a credential of its scheme.
Credential ReadCredential(const CredentialFlags& flags, const Variables& variables,
                          std::ostream& warnings);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_CREDENTIAL_SOURCE_H_
