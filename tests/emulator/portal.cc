#include "tests/emulator/portal.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tests/emulator/portal_exception.h"

namespace docspace::emulator {
namespace {

bool IsAdmin(const User& user) {
  return user.role == Role::kOwner || user.role == Role::kDocSpaceAdmin;
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

void DemandKnown(const std::optional<std::vector<std::string>>& permissions) {
  if (!permissions) return;
  for (const std::string& permission : *permissions) {
    if (std::find(kPermissions.begin(), kPermissions.end(), permission) == kPermissions.end()) {
      throw PortalException::Argument("Permissions are not valid.");
    }
  }
}

std::vector<std::string> Stored(const std::vector<std::string>& permissions) {
  return permissions == std::vector<std::string>{"*"} ? std::vector<std::string>() : permissions;
}

template <typename Users, typename Predicate>
const User* FindIf(const Users& users, Predicate matches) {
  const auto found = std::find_if(users.begin(), users.end(), matches);
  return found == users.end() ? nullptr : &*found;
}

}  // namespace

std::string_view ToString(Role role) {
  switch (role) {
    case Role::kOwner:
      return "Owner";
    case Role::kDocSpaceAdmin:
      return "DocSpaceAdmin";
    case Role::kRoomAdmin:
      return "RoomAdmin";
    case Role::kUser:
      return "User";
    case Role::kGuest:
      return "Guest";
  }
  return "";
}

const User& Portal::AddUser(Role role, std::string email, std::string password,
                            std::string display_name) {
  return users_.emplace_back(User{.id = entropy_.Guid(),
                                  .role = role,
                                  .email = std::move(email),
                                  .password = std::move(password),
                                  .display_name = std::move(display_name),
                                  .session_token = entropy_.Hex(48)});
}

const User* Portal::FindUser(std::string_view id) const {
  return FindIf(users_, [&](const User& user) { return user.id == id; });
}

const User* Portal::FindUserByEmail(std::string_view email) const {
  return FindIf(users_, [lower = LowerCase(email)](const User& user) {
    return LowerCase(user.email) == lower;
  });
}

const User* Portal::FindUserBySession(std::string_view token) const {
  return FindIf(users_, [&](const User& user) { return user.session_token == token; });
}

const ApiKey& Portal::CreateApiKey(const User& caller, const NewApiKey& request) {
  if (developer_tools_limited_ && !IsAdmin(caller)) {
    throw PortalException::AccessDenied("This operation available only for portal owner/admins");
  }
  if (caller.role == Role::kGuest) throw PortalException::AccessDenied();
  DemandKnown(request.permissions);

  const Time now = clock_.Now();
  ApiKey key{.id = entropy_.Guid(),
             .name = request.name,
             .secret = "sk-" + entropy_.Hex(32),
             .permissions = std::nullopt,
             .last_used = std::nullopt,
             .created_on = now,
             .expires_at = std::nullopt,
             .created_by = &caller};
  if (request.permissions) key.permissions = Stored(*request.permissions);
  if (request.expires_in_days) key.expires_at = now + std::chrono::days(*request.expires_in_days);

  const auto added = keys_.insert(keys_.end(), std::move(key));
  by_id_.emplace(added->id, added);
  by_secret_.emplace(added->secret, added);
  ++created_by_name_[added->name];
  return *added;
}

bool Portal::UpdateApiKey(const User& caller, std::string_view id, const ApiKeyChange& change) {
  ApiKey& key = *KeyOf(id);
  if (IsExpired(key)) return false;
  if (!IsAdmin(caller) && key.created_by != &caller) return false;
  DemandKnown(change.permissions);

  if (change.name && !change.name->empty()) key.name = *change.name;
  if (change.permissions && !change.permissions->empty()) {
    key.permissions = Stored(*change.permissions);
  }
  if (change.is_active) key.is_active = *change.is_active;
  return true;
}

bool Portal::DeleteApiKey(const User& caller, std::string_view id) {
  const auto key = KeyOf(id);
  if (!IsAdmin(caller) && key->created_by != &caller) return false;
  by_secret_.erase(key->secret);
  by_id_.erase(key->id);
  keys_.erase(key);
  return true;
}

std::vector<const ApiKey*> Portal::GetApiKeys(const User& caller) const {
  std::vector<const ApiKey*> visible;
  for (const ApiKey& key : keys_) {
    if (IsAdmin(caller) || key.created_by == &caller) visible.push_back(&key);
  }
  return visible;
}

const ApiKey* Portal::FindApiKey(std::string_view secret) const {
  const auto found = by_secret_.find(std::string(secret));
  return found == by_secret_.end() ? nullptr : &*found->second;
}

const ApiKey* Portal::UseApiKey(std::string_view secret) {
  const auto found = by_secret_.find(std::string(secret));
  if (found == by_secret_.end()) return nullptr;
  ApiKey& key = *found->second;
  if (!key.is_active || IsExpired(key)) return nullptr;
  key.last_used = clock_.Now();
  return &key;
}

std::size_t Portal::CreatedWithName(std::string_view name) const {
  const auto found = created_by_name_.find(name);
  return found == created_by_name_.end() ? 0 : found->second;
}

Portal::Keys::iterator Portal::KeyOf(std::string_view id) {
  const auto found = by_id_.find(LowerCase(id));
  if (found == by_id_.end()) throw PortalException::NullReference();
  return found->second;
}

bool Portal::IsExpired(const ApiKey& key) const {
  return key.expires_at && *key.expires_at <= clock_.Now();
}

}  // namespace docspace::emulator
