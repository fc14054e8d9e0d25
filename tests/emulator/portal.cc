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

bool Names(const std::vector<std::string>& permissions, std::string_view permission) {
  return std::find(permissions.begin(), permissions.end(), permission) != permissions.end();
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

void Portal::SetUserState(std::string_view id, UserState state) {
  const auto user = std::find_if(users_.begin(), users_.end(),
                                 [&](const User& candidate) { return candidate.id == id; });
  if (user != users_.end()) user->state = state;
}

void Portal::RunJobs() {
  const Time now =
      std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<600>>>(clock_.Now());
  if (now == jobs_run_at_) return;
  jobs_run_at_ = now;
  for (ApiKey& key : keys_) {
    if (key.expires_at && *key.expires_at <= now) key.is_active = false;
  }
}

const ApiKey& Portal::CreateApiKey(const User& caller, const NewApiKey& request) {
  const bool is_guest = caller.role == Role::kGuest;
  if (is_guest || (conditions_.developer_tools_limited && !IsAdmin(caller))) {
    if (rules_.creation_refusal == CreationRefusal::kUnauthorizedAccess) {
      throw PortalException::UnauthorizedAccess();
    }
    if (is_guest && rules_.creation_refusal == CreationRefusal::kToldToGuests) {
      throw PortalException::RefusedGuest();
    }
    throw PortalException::AccessDenied();
  }
  DemandValid(request.permissions);

  const Time now = clock_.Now();
  ApiKey key{.id = entropy_.Guid(),
             .name = request.name,
             .secret = "sk-" + entropy_.Hex(32),
             .permissions = std::vector<std::string>(),
             .last_used = std::nullopt,
             .created_on = now,
             .expires_at = std::nullopt,
             .created_by = &caller};
  if (request.permissions && !Names(*request.permissions, "*")) {
    key.permissions = request.permissions;
  }
  if (request.expires_in_days) key.expires_at = now + std::chrono::days(*request.expires_in_days);

  const auto added = keys_.insert(keys_.end(), std::move(key));
  by_id_.emplace(added->id, added);
  by_secret_.emplace(added->secret, added);
  ++created_by_name_[added->name];
  return *added;
}

bool Portal::UpdateApiKey(const User& caller, std::string_view id, const ApiKeyChange& change) {
  ApiKey* key = FindKey(id);
  if (key == nullptr) {
    // Older releases first access the key when they check its owner, which they do not do for
    // administrators.
    if (!rules_.says_false_of_unknown_keys || !IsAdmin(caller)) {
      throw PortalException::NullReference();
    }
    DemandValid(change.permissions);
    return false;
  }
  if (!rules_.changes_expired_keys && IsExpired(*key)) return false;
  if (!MayChange(caller, *key)) return false;
  DemandValid(change.permissions);

  if (change.name && !change.name->empty()) key->name = *change.name;
  if (change.permissions == std::vector<std::string>{"*"}) {
    key->permissions.reset();
  } else if (change.permissions && !change.permissions->empty()) {
    key->permissions = change.permissions;
  }
  if (!change.is_active) return true;
  const bool is_undone = !*change.is_active && TakeRevocationUndone();
  key->is_active = *change.is_active || is_undone;
  return true;
}

bool Portal::DeleteApiKey(const User& caller, std::string_view id) {
  ApiKey* key = FindKey(id);
  if (key == nullptr) throw PortalException::NullReference();
  if (!MayChange(caller, *key)) return false;
  if (TakeRevocationUndone()) return true;
  const auto row = by_id_.at(key->id);
  by_secret_.erase(row->secret);
  by_id_.erase(row->id);
  keys_.erase(row);
  return true;
}

std::span<const std::string_view> Portal::GetAllPermissions(const User& caller) const {
  DemandReader(caller);
  return rules_.permissions;
}

std::vector<const ApiKey*> Portal::GetApiKeys(const User& caller) const {
  DemandReader(caller);
  std::vector<const ApiKey*> visible;
  for (auto key = keys_.rbegin(); key != keys_.rend(); ++key) {
    if (IsAdmin(caller) || key->created_by == &caller) visible.push_back(&*key);
  }
  return visible;
}

std::vector<const ApiKey*> Portal::AllApiKeys() const {
  std::vector<const ApiKey*> all;
  for (const ApiKey& key : keys_) all.push_back(&key);
  return all;
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
  if (key.created_by->state != UserState::kActive) return nullptr;
  key.last_used = clock_.Now();
  return &key;
}

std::size_t Portal::CreatedWithName(std::string_view name) const {
  const auto found = created_by_name_.find(name);
  return found == created_by_name_.end() ? 0 : found->second;
}

void Portal::DemandReader(const User& caller) const {
  if (rules_.refuses_guests_to_read && caller.role == Role::kGuest) {
    throw PortalException::RefusedGuest();
  }
}

void Portal::DemandValid(const std::optional<std::vector<std::string>>& permissions) const {
  if (!permissions) return;
  const auto is_known = [&](const std::string& permission) {
    return std::find(rules_.permissions.begin(), rules_.permissions.end(), permission) !=
           rules_.permissions.end();
  };
  if ((permissions->empty() && rules_.refuses_empty_permissions) ||
      !std::all_of(permissions->begin(), permissions->end(), is_known)) {
    throw PortalException::Argument("Permissions are not valid.");
  }
}

bool Portal::MayChange(const User& caller, const ApiKey& key) const {
  if (IsAdmin(caller) || key.created_by == &caller) return true;
  if (rules_.refuses_keys_of_others) throw PortalException::AccessDenied();
  return false;
}

ApiKey* Portal::FindKey(std::string_view id) {
  const auto found = by_id_.find(LowerCase(id));
  return found == by_id_.end() ? nullptr : &*found->second;
}

bool Portal::TakeRevocationUndone() { return std::exchange(conditions_.revocation_undone, false); }

bool Portal::IsExpired(const ApiKey& key) const {
  return key.expires_at && *key.expires_at <= clock_.Now();
}

}  // namespace docspace::emulator
