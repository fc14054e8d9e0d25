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
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/emulator/clock.h"
#include "tests/emulator/entropy.h"

namespace docspace::emulator {

enum class Role { kOwner, kDocSpaceAdmin, kRoomAdmin, kUser, kGuest };

inline constexpr std::array kRoles = {Role::kOwner, Role::kDocSpaceAdmin, Role::kRoomAdmin,
                                      Role::kUser, Role::kGuest};

// "DocSpaceAdmin"
std::string_view ToString(Role role);

// In the order in which the portal lists them.
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

struct User {
  std::string id;
  Role role = Role::kUser;
  std::string email;
  std::string password;
  std::string display_name;
  // The value of the asc_auth_key cookie; never changes.
  std::string session_token;
};

struct ApiKey {
  std::string id;
  std::string name;
  // `sk-` and 64 hexadecimal digits.
  std::string secret;
  // None where the key was created without; empty: no restriction.
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

// Absent, empty string and empty list: unchanged.
struct ApiKeyChange {
  std::optional<std::string> name{};
  std::optional<std::vector<std::string>> permissions{};
  std::optional<bool> is_active{};
};

class Portal {
 public:
  // Both must outlive the portal.
  Portal(const Clock& clock, Entropy& entropy) : clock_(clock), entropy_(entropy) {}
  Portal(const Portal&) = delete;
  Portal& operator=(const Portal&) = delete;

  const User& AddUser(Role role, std::string email, std::string password, std::string display_name);
  // Null where there is none.
  const User* FindUser(std::string_view id) const;
  const User* FindUserByEmail(std::string_view email) const;
  const User* FindUserBySession(std::string_view token) const;

  // Only owner and administrators may create keys while it is on.
  void LimitDeveloperToolsToAdmins(bool limited) { developer_tools_limited_ = limited; }

  // Throws PortalException as the portal's code does. Ids are compared without case.
  const ApiKey& CreateApiKey(const User& caller, const NewApiKey& request);
  bool UpdateApiKey(const User& caller, std::string_view id, const ApiKeyChange& change);
  bool DeleteApiKey(const User& caller, std::string_view id);
  // In the order of creation; valid until the next change.
  std::vector<const ApiKey*> GetApiKeys(const User& caller) const;

  // The key of that secret, whatever its state; null where there is none.
  const ApiKey* FindApiKey(std::string_view secret) const;
  // Authenticates by a key, which moves its `last_used`. Null for an unknown, inactive or expired
  // key.
  const ApiKey* UseApiKey(std::string_view secret);

  // How many keys of that name were ever created: more than one is a write done twice.
  std::size_t CreatedWithName(std::string_view name) const;
  std::size_t key_count() const { return keys_.size(); }

 private:
  using Keys = std::list<ApiKey>;

  // Throws the NullReferenceException of an unknown id.
  Keys::iterator KeyOf(std::string_view id);
  bool IsExpired(const ApiKey& key) const;

  const Clock& clock_;
  Entropy& entropy_;
  bool developer_tools_limited_ = false;
  std::list<User> users_;
  Keys keys_;
  std::unordered_map<std::string, Keys::iterator> by_id_;
  std::unordered_map<std::string, Keys::iterator> by_secret_;
  std::map<std::string, std::size_t, std::less<>> created_by_name_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_PORTAL_H_
