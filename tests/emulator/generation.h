// The releases of the portal that a gateway meets on the same day, and what differs between them.
#ifndef TESTS_EMULATOR_GENERATION_H_
#define TESTS_EMULATOR_GENERATION_H_

#include <array>
#include <span>
#include <string_view>

namespace docspace::emulator {

enum class Generation {
  // Release 3.1.0.
  k31,
  // Releases 3.1.1 to 3.6.1.
  k32,
  // Releases 3.7.1 and 3.7.2.
  k37,
  // The vendor's newest sources.
  kNext,
};

inline constexpr std::array kGenerations = {Generation::k31, Generation::k32, Generation::k37,
                                            Generation::kNext};

// Returns `3.1`, `3.2`, `3.7` or `next`.
std::string_view ToString(Generation generation);

// All permissions, in the order in which the portal lists them from release 3.1.1 on.
inline constexpr std::array<std::string_view, 11> kPermissions = {"*",
                                                                  "*:read",
                                                                  "*:write",
                                                                  "accounts:read",
                                                                  "accounts:write",
                                                                  "accounts.self:read",
                                                                  "accounts.self:write",
                                                                  "files:read",
                                                                  "files:write",
                                                                  "rooms:read",
                                                                  "rooms:write"};

// The scopes that a key or token must have for a call below /keys. A credential without scopes (a
// password, a session, an unrestricted key) may make every call.
enum class ScopeRule {
  // Scopes are ignored.
  kNone,
  // Any scope suffices, also for writes.
  kAny,
  // `*`, `*:read` or `*:write` for a read, `*` or `*:write` for a write. `@self` needs none.
  kGlobal,
};

// How the portal refuses a creation by a guest, or by a user if developer tools are for
// administrators only.
enum class CreationRefusal {
  // 500 with System.UnauthorizedAccessException.
  kUnauthorizedAccess,
  // 403 "Access denied".
  kAccessDenied,
  // Like kAccessDenied, but a guest gets a different message, without an exception type.
  kToldToGuests,
};

// The rules of one generation. Each member is a row of the table of
// docs/portal-api.md#releases; `encodes_names` is from docs/portal-api.md#names.
struct Rules {
  bool has_self;
  std::span<const std::string_view> permissions;
  ScopeRule scopes;
  CreationRefusal creation_refusal;
  // Whether guests may not read the list of keys. Otherwise a guest reads an empty list.
  bool refuses_guests_to_read;
  // Whether a change of another user's key is refused with an error. Otherwise the response is
  // `false`.
  bool refuses_keys_of_others;
  // Whether PUT changes an expired key. Otherwise the response to PUT is `false`.
  bool changes_expired_keys;
  // Whether the response is `false` if the owner or an administrator updates an unknown key.
  // Otherwise the call fails with a NullReferenceException.
  bool says_false_of_unknown_keys;
  // Whether an empty list of permissions is refused. Otherwise it means no restriction on POST, and
  // no change on PUT.
  bool refuses_empty_permissions;
  // Whether `count` in the list of keys is their number. Otherwise it is 1.
  bool counts_keys;
  // Whether the envelope of a validation error has the status of a success. Otherwise it says
  // `status` 1 and `statusCode` 400.
  bool validation_looks_successful;
  bool has_titles;
  // Whether HTML in the names of keys is encoded.
  bool encodes_names;
};

const Rules& RulesOf(Generation generation);

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_GENERATION_H_
