// Shows the seeded credentials to people and shells.
#ifndef TESTS_EMULATOR_CREDENTIALS_FILE_H_
#define TESTS_EMULATOR_CREDENTIALS_FILE_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/emulator/emulator.h"

namespace docspace::emulator {

// Returns the table that a terminal shows at start-up.
std::string CredentialsTable(std::string_view url, const std::vector<SeededUser>& users);

// Returns a script for `. file` that sets EMULATOR_URL='…' and, for each role, e.g. ROOM_ADMIN,
// EMULATOR_ROOM_ADMIN_EMAIL, _PASSWORD, _BASIC (`Basic …`), _SESSION_TOKEN, _OAUTH2_TOKEN,
// _OPENID_TOKEN, _API_KEY and _API_KEY_ID. The last two are empty for GUEST. The roles are OWNER,
// DOCSPACE_ADMIN, ROOM_ADMIN, USER and GUEST.
std::string CredentialsScript(std::string_view url, const std::vector<SeededUser>& users);

// Replaces the file atomically. `mode` is that of open(2). Throws std::system_error.
void WriteFile(const std::filesystem::path& path, std::string_view content, unsigned mode);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_CREDENTIALS_FILE_H_
