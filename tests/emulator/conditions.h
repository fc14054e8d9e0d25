// Persistent failures and unusual settings of a portal.
#ifndef TESTS_EMULATOR_CONDITIONS_H_
#define TESTS_EMULATOR_CONDITIONS_H_

#include <string_view>

namespace docspace::emulator {

struct Conditions {
  // The portal is being restored, moved or encrypted: 403 with problem JSON, except for `@self`.
  bool restoring = false;
  // The portal's list of allowed addresses lacks the caller's: 403 with a bare JSON string. The
  // owner is exempt.
  bool address_refused = false;
  // The OAuth2 service is down: 403 with System.InvalidOperationException for every JWT.
  bool oauth2_down = false;
  // The database is down: 403 with System.InvalidOperationException on PostgreSQL; 401 on MySQL,
  // because no credential can be looked up.
  bool database_down = false;
  // The portal is suspended or removed: 404 with problem JSON for a valid credential.
  bool suspended = false;
  // The portal is unpaid: 402 with problem JSON.
  bool unpaid = false;
  // Only the owner and administrators may create keys.
  bool developer_tools_limited = false;
  // The next deletion or deactivation of a key is undone after the response, and this condition
  // ends. A real portal does so if the key authenticates a call at that moment, because
  // authentication writes the key's whole row back.
  bool revocation_undone = false;
};

// Reads an object of booleans: {"restoring": true, "addressRefused": true, "oauth2Down": true,
// "databaseDown": true, "suspended": true, "unpaid": true, "developerToolsLimited": true,
// "revocationUndone": true}. An absent member is false.
//
// Throws std::invalid_argument with a description of the problem for anything else.
Conditions ParseConditions(std::string_view json);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_CONDITIONS_H_
