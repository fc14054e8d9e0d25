#include "tests/emulator/generation.h"

namespace docspace::emulator {
namespace {

// Release 3.1.0 has no permission for everything.
constexpr auto kScopedPermissions = std::span(kPermissions).subspan<3>();

constexpr Rules k31Rules = {.has_self = false,
                            .permissions = kScopedPermissions,
                            .scopes = ScopeRule::kNone,
                            .creation_refusal = CreationRefusal::kUnauthorizedAccess,
                            .refuses_guests_to_read = false,
                            .refuses_keys_of_others = false,
                            .changes_expired_keys = true,
                            .says_false_of_unknown_keys = true,
                            .refuses_empty_permissions = false,
                            .counts_keys = false,
                            .validation_looks_successful = true,
                            .has_titles = true,
                            .encodes_names = false};

constexpr Rules k32Rules = [] {
  Rules rules = k31Rules;
  rules.has_self = true;
  rules.permissions = kPermissions;
  rules.scopes = ScopeRule::kAny;
  return rules;
}();

constexpr Rules k37Rules = [] {
  Rules rules = k32Rules;
  rules.scopes = ScopeRule::kGlobal;
  rules.creation_refusal = CreationRefusal::kAccessDenied;
  rules.changes_expired_keys = false;
  rules.says_false_of_unknown_keys = false;
  rules.validation_looks_successful = false;
  rules.has_titles = false;
  return rules;
}();

constexpr Rules kNextRules = [] {
  Rules rules = k37Rules;
  rules.creation_refusal = CreationRefusal::kToldToGuests;
  rules.refuses_guests_to_read = true;
  rules.refuses_keys_of_others = true;
  rules.refuses_empty_permissions = true;
  rules.counts_keys = true;
  rules.encodes_names = true;
  return rules;
}();

}  // namespace

std::string_view ToString(Generation generation) {
  switch (generation) {
    case Generation::k31:
      return "3.1";
    case Generation::k32:
      return "3.2";
    case Generation::k37:
      return "3.7";
    case Generation::kNext:
      return "next";
  }
  return "";
}

const Rules& RulesOf(Generation generation) {
  switch (generation) {
    case Generation::k31:
      return k31Rules;
    case Generation::k32:
      return k32Rules;
    case Generation::k37:
      break;
    case Generation::kNext:
      return kNextRules;
  }
  return k37Rules;
}

}  // namespace docspace::emulator
