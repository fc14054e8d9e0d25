#include "client/cli/doctor/temporary_keys.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace docspace::apikeys::cli {
namespace {

constexpr std::size_t kTagDigits = 8;
constexpr int kRounds = 6;
constexpr std::chrono::milliseconds kFirstPause(100);
// The number of consecutive empty lists that are required if a key may still appear.
constexpr int kEmptyListsToBelieve = 4;

// Returns whether a creation that failed with `error` may have made a key.
bool MayHaveCreated(const ApiKeysError& error) {
  switch (error.code) {
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return !error.IsKnownNotApplied();
    default:
      return false;
  }
}

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::string RandomTag() {
  std::random_device device;
  std::string tag(kTemporaryKeyPrefix);
  for (std::size_t i = 0; i < kTagDigits; ++i) tag += "0123456789abcdef"[device() & 0xFU];
  return tag;
}

}  // namespace

bool IsTemporaryKeyName(std::string_view name) {
  if (!name.starts_with(kTemporaryKeyPrefix)) return false;
  const std::string_view digits = name.substr(kTemporaryKeyPrefix.size(), kTagDigits);
  return digits.size() == kTagDigits && std::all_of(digits.begin(), digits.end(), IsHexDigit);
}

TemporaryKeys::TemporaryKeys(const Client& client, RetryTimer timer)
    : client_(client), timer_(std::move(timer)), tag_(RandomTag()) {}

Result<v1::CreateApiKeyResponse> TemporaryKeys::Create(const std::string& name, int days) {
  v1::CreateApiKeyRequest request;
  request.set_name(name);
  request.add_permissions("files:read");
  request.set_expires_in_days(days);
  was_tried_ = true;
  Result<v1::CreateApiKeyResponse> created = client_.CreateApiKey(request);
  if (!created.ok()) {
    may_appear_ = may_appear_ || MayHaveCreated(created.error());
  } else if (!created->api_key().id().empty()) {
    ids_.insert(created->api_key().id());
  }
  return created;
}

std::vector<std::string> TemporaryKeys::RemoveAll() {
  if (!was_tried_) return {};
  std::vector<std::string> left(ids_.begin(), ids_.end());
  std::chrono::nanoseconds pause = kFirstPause;
  int empty_lists = 0;
  for (int round = 1; round <= kRounds; ++round) {
    if (round > 1) {
      timer_.sleep(pause);
      pause *= 2;
    }
    const Result<std::vector<std::string>> remaining = Remaining();
    if (!remaining.ok()) continue;
    left = *remaining;
    empty_lists = left.empty() ? empty_lists + 1 : 0;
    if (empty_lists == (may_appear_ ? kEmptyListsToBelieve : 1)) return {};
    for (const std::string& id : left) {
      v1::UpdateApiKeyRequest deactivation;
      deactivation.set_key_id(id);
      deactivation.set_is_active(false);
      v1::DeleteApiKeyRequest deletion;
      deletion.set_key_id(id);
      // The result is ignored, because the next list shows the effect.
      static_cast<void>(client_.UpdateApiKey(deactivation));
      static_cast<void>(client_.DeleteApiKey(deletion));
    }
  }
  if (const Result<std::vector<std::string>> remaining = Remaining(); remaining.ok()) {
    return *remaining;
  }
  left.push_back("perhaps more: keys whose name begins with " + tag_);
  return left;
}

Result<std::vector<std::string>> TemporaryKeys::Remaining() const {
  const Result<v1::GetApiKeysResponse> listed = client_.GetApiKeys({});
  if (!listed.ok()) return listed.error();
  std::vector<std::string> remaining;
  for (const v1::ApiKey& key : listed->api_keys()) {
    if (ids_.contains(key.id()) || key.name().starts_with(tag_)) remaining.push_back(key.id());
  }
  return remaining;
}

}  // namespace docspace::apikeys::cli
