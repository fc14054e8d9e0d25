// The portal's state and rules: users, their API keys, and who may do what with them.
//
// Knows neither HTTP nor JSON. Not thread-safe.
#ifndef TESTS_EMULATOR_PORTAL_H_
#define TESTS_EMULATOR_PORTAL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/emulator/clock.h"
#include "tests/emulator/conditions.h"
#include "tests/emulator/entropy.h"
#include "tests/emulator/generation.h"

namespace docspace::emulator {

enum class Role { kOwner, kDocSpaceAdmin, kRoomAdmin, kUser, kGuest };

inline constexpr std::array kRoles = {Role::kOwner, Role::kDocSpaceAdmin, Role::kRoomAdmin,
                                      Role::kUser, Role::kGuest};

// "DocSpaceAdmin"
std::string_view ToString(Role role);

enum class UserState {
  kActive,
  // Suspended and removed users, and their keys, no longer authenticate.
  kSuspended,
  // The user's keys stay, as those of "Profile removed".
  kRemoved,
};

struct User {
  std::string id;
  Role role = Role::kUser;
  std::string email;
  std::string password;
  std::string display_name;
  // The value of the asc_auth_key cookie; never changes.
  std::string session_token;
  UserState state = UserState::kActive;
};

struct ApiKey {
  std::string id;
  std::string name;
  // `sk-` and 64 hexadecimal digits.
  std::string secret;
  // Absent or empty: no restriction. Empty from a creation, absent from an update.
  std::optional<std::vector<std::string>> permissions{};
  std::optional<Time> last_used{};
  Time created_on{};
  std::optional<Time> expires_at{};
  // Lives as long as the portal.
  const User* created_by = nullptr;
  bool is_active = true;
};

// As sent, validated by `request_dto.h` already.
struct NewApiKey {
  std::string name;
  std::optional<std::vector<std::string>> permissions{};
  std::optional<std::int32_t> expires_in_days{};
};

// An absent member and an empty string mean unchanged.
struct ApiKeyChange {
  std::optional<std::string> name{};
  std::optional<std::vector<std::string>> permissions{};
  std::optional<bool> is_active{};
};

class Portal {
 public:
  // `clock`, `entropy` and `rules` must outlive the portal.
  Portal(const Clock& clock, Entropy& entropy, const Rules& rules = RulesOf(Generation::k37))
      : clock_(clock), entropy_(entropy), rules_(rules) {}
  Portal(const Portal&) = delete;
  Portal& operator=(const Portal&) = delete;

  const User& AddUser(Role role, std::string email, std::string password, std::string display_name);
  // Null where there is none.
  const User* FindUser(std::string_view id) const;
  const User* FindUserByEmail(std::string_view email) const;
  const User* FindUserBySession(std::string_view token) const;
  void SetUserState(std::string_view id, UserState state);

  const Conditions& conditions() const { return conditions_; }
  void SetConditions(const Conditions& conditions) { conditions_ = conditions; }

  // Does what the portal does by itself every ten minutes, if they have passed: makes expired keys
  // inactive.
  void RunJobs();

  // All throw PortalException as the portal's code does. Ids are compared without case.
  const ApiKey& CreateApiKey(const User& caller, const NewApiKey& request);
  bool UpdateApiKey(const User& caller, std::string_view id, const ApiKeyChange& change);
  bool DeleteApiKey(const User& caller, std::string_view id);
  std::span<const std::string_view> GetAllPermissions(const User& caller) const;
  // Newest first; valid until the next change.
  std::vector<const ApiKey*> GetApiKeys(const User& caller) const;

  // All keys in the order of creation; valid until the next change.
  std::vector<const ApiKey*> AllApiKeys() const;

  // The key of that secret, whatever its state; null where there is none.
  const ApiKey* FindApiKey(std::string_view secret) const;
  // Authenticates by a key, which moves its `last_used`. Null for a key that is unknown, inactive
  // or expired, or whose creator is suspended or removed.
  const ApiKey* UseApiKey(std::string_view secret);

  // How many keys of that name were ever created: more than one is a write done twice.
  std::size_t CreatedWithName(std::string_view name) const;
  std::size_t key_count() const { return keys_.size(); }

 private:
  using Keys = std::list<ApiKey>;

  // Throws if the caller is a guest whom the generation refuses to read.
  void DemandReader(const User& caller) const;
  // Throws if a permission is unknown, or if the list is empty and the generation refuses that.
  void DemandValid(const std::optional<std::vector<std::string>>& permissions) const;
  // Returns whether the caller may change the key. Throws if the generation refuses by a 403.
  bool MayChange(const User& caller, const ApiKey& key) const;
  // Null if there is none.
  ApiKey* FindKey(std::string_view id);
  bool IsExpired(const ApiKey& key) const;
  // Whether the condition is on; ends it.
  bool TakeRevocationUndone();

  const Clock& clock_;
  Entropy& entropy_;
  const Rules& rules_;
  Conditions conditions_;
  // When RunJobs last did something.
  Time jobs_run_at_{};
  std::list<User> users_;
  Keys keys_;
  std::unordered_map<std::string, Keys::iterator> by_id_;
  std::unordered_map<std::string, Keys::iterator> by_secret_;
  std::map<std::string, std::size_t, std::less<>> created_by_name_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_PORTAL_H_
