// The portal's state and rules: users, their API keys, and permissions.
//
// This part knows neither HTTP nor JSON. Not thread-safe.
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

// Returns the role's name, such as "DocSpaceAdmin".
std::string_view ToString(Role role);

enum class UserState {
  kActive,
  // Suspended and removed users, and their keys, no longer authenticate.
  kSuspended,
  // The user's keys stay, and their creator is shown as "Profile removed".
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
  // The secret: `sk-` and 64 hexadecimal digits.
  std::string secret;
  // The permissions; if absent or empty, the key is unrestricted. They are empty after a creation
  // and absent after an update without permissions.
  std::optional<std::vector<std::string>> permissions{};
  std::optional<Time> last_used{};
  Time created_on{};
  std::optional<Time> expires_at{};
  // Lives as long as the portal.
  const User* created_by = nullptr;
  bool is_active = true;
};

// `NewApiKey` is the request for a new key, already validated by `request_dto.h`.
struct NewApiKey {
  std::string name;
  std::optional<std::vector<std::string>> permissions{};
  std::optional<std::int32_t> expires_in_days{};
};

// `ApiKeyChange` is a change of a key. An absent member or an empty string leaves the value
// unchanged.
struct ApiKeyChange {
  std::optional<std::string> name{};
  std::optional<std::vector<std::string>> permissions{};
  std::optional<bool> is_active{};
};

// `Portal` holds users and keys and applies the rules of a generation.
class Portal {
 public:
  // `clock`, `entropy` and `rules` must outlive the portal.
  Portal(const Clock& clock, Entropy& entropy, const Rules& rules = RulesOf(Generation::k37))
      : clock_(clock), entropy_(entropy), rules_(rules) {}
  Portal(const Portal&) = delete;
  Portal& operator=(const Portal&) = delete;

  const User& AddUser(Role role, std::string email, std::string password, std::string display_name);
  // Return null if there is no such user.
  const User* FindUser(std::string_view id) const;
  const User* FindUserByEmail(std::string_view email) const;
  const User* FindUserBySession(std::string_view token) const;
  void SetUserState(std::string_view id, UserState state);

  const Conditions& conditions() const { return conditions_; }
  void SetConditions(const Conditions& conditions) { conditions_ = conditions; }

  // Runs the portal's periodic job, which makes expired keys inactive, unless it has already run
  // since the last full ten minutes of the clock.
  void RunJobs();

  // These throw PortalException as the portal's code does. Ids are compared without case.
  const ApiKey& CreateApiKey(const User& caller, const NewApiKey& request);
  bool UpdateApiKey(const User& caller, std::string_view id, const ApiKeyChange& change);
  bool DeleteApiKey(const User& caller, std::string_view id);
  std::span<const std::string_view> GetAllPermissions(const User& caller) const;
  // Returns the keys that the caller may see, newest first. Valid until the next change.
  std::vector<const ApiKey*> GetApiKeys(const User& caller) const;

  // Returns all keys in the order of creation. Valid until the next change.
  std::vector<const ApiKey*> AllApiKeys() const;

  // Returns the key with that secret in any state, or null if there is none.
  const ApiKey* FindApiKey(std::string_view secret) const;
  // Authenticates with a key and updates its `last_used`. Returns null if the key is unknown,
  // inactive or expired, or if its creator is suspended or removed.
  const ApiKey* UseApiKey(std::string_view secret);

  // Returns how many keys of that name were ever created. More than one means that a write was done
  // twice.
  std::size_t CreatedWithName(std::string_view name) const;
  std::size_t key_count() const { return keys_.size(); }

 private:
  using Keys = std::list<ApiKey>;

  // Throws if the caller is a guest and the generation does not let guests read.
  void DemandReader(const User& caller) const;
  // Throws if a permission is unknown, or if the list is empty and the generation refuses an empty
  // list.
  void DemandValid(const std::optional<std::vector<std::string>>& permissions) const;
  // Returns whether the caller may change the key. Throws if the generation refuses the change with
  // a 403.
  bool MayChange(const User& caller, const ApiKey& key) const;
  // Returns null if there is none.
  ApiKey* FindKey(std::string_view id);
  bool IsExpired(const ApiKey& key) const;
  // Returns whether the condition is set, and clears it.
  bool TakeRevocationUndone();

  const Clock& clock_;
  Entropy& entropy_;
  const Rules& rules_;
  Conditions conditions_;
  // The time at which RunJobs last ran the job.
  Time jobs_run_at_{};
  std::list<User> users_;
  Keys keys_;
  std::unordered_map<std::string, Keys::iterator> by_id_;
  std::unordered_map<std::string, Keys::iterator> by_secret_;
  std::map<std::string, std::size_t, std::less<>> created_by_name_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_PORTAL_H_
