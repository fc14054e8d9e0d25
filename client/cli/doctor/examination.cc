#include "client/cli/doctor/examination.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <string_view>
#include <thread>
#include <utility>

namespace docspace::apikeys::cli {
namespace {

using grpc::StatusCode;

constexpr int kDays = 1;
constexpr const char* kFirstPermission = "files:read";
constexpr const char* kSecondPermission = "rooms:read";
// A suffix with HTML, a character of Latin-1, and one beyond U+FFFF.
constexpr const char* kOddSuffix = " <&> \u00e9 \U0001F511";
// One more than the vendor's cloud accepts at a time.
constexpr std::size_t kWritesAtOnce = 16;
// A credential that expires sooner may expire before the examination has cleaned up.
constexpr std::chrono::minutes kLeastLife(10);

constexpr std::array<std::string_view, 11> kPermissions = {"*",
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
// The number of permissions that begin with a star. Release 3.1.0 has only the others.
constexpr std::size_t kGlobalPermissions = 3;

// Returns an id that no key has.
std::string RandomKeyId() {
  std::random_device device;
  std::string id = "00000000-0000-4000-8000-000000000000";
  for (char& digit : id) {
    if (digit == '0') digit = "0123456789abcdef"[device() & 0xFU];
  }
  return id;
}

ClientOptions WithoutRetries(ClientOptions options) {
  options.retry.max_attempts = 1;
  return options;
}

bool Is(const ApiKeysError& error, StatusCode code, std::string_view reason) {
  return error.code == code && error.reason == reason;
}

// Returns whether the call may have failed for a reason that says nothing about the portal's
// contract.
bool IsTransient(const ApiKeysError& error) {
  return error.code == StatusCode::UNAVAILABLE || error.code == StatusCode::DEADLINE_EXCEEDED ||
         error.code == StatusCode::RESOURCE_EXHAUSTED || error.code == StatusCode::CANCELLED;
}

std::string Describe(const ApiKeysError& error) {
  std::string text = CodeName(error.code);
  if (!error.reason.empty()) text += " " + error.reason;
  if (!error.message.empty()) text += ": " + error.message;
  return text;
}

std::string IdsOf(const v1::GetApiKeysResponse& list) {
  std::string ids;
  for (const v1::ApiKey& key : list.api_keys()) ids += key.id() + "\n";
  return ids;
}

}  // namespace

Examination::Examination(std::shared_ptr<grpc::Channel> channel, Credential credential,
                         ClientOptions options, std::function<int()> stop)
    : channel_(std::move(channel)),
      options_(std::move(options)),
      stop_(std::move(stop)),
      client_(channel_, credential, options_),
      impatient_client_(channel_, std::move(credential), WithoutRetries(options_)),
      keys_(client_, options_.timer) {}

std::optional<Refusal> Examination::Prepare() {
  const auto permissions = client_.GetAllPermissions({});
  if (!permissions.ok()) return Refusal{"the portal cannot be asked", permissions.error()};
  const auto& listed_permissions = permissions->permissions();
  if (std::ranges::equal(listed_permissions, kPermissions)) {
    Saw("it lists eleven permissions", Releases::V32() | Releases::V37() | Releases::Next());
    report_.Add("GetAllPermissions: the permissions", "");
  } else if (std::equal(listed_permissions.begin(), listed_permissions.end(),
                        kPermissions.begin() + kGlobalPermissions, kPermissions.end())) {
    Saw("it lists eight permissions", Releases::V31());
    report_.Add("GetAllPermissions: the permissions", "");
  } else {
    report_.Add("GetAllPermissions: the permissions",
                "they are neither the eleven of newer releases nor the eight of 3.1.0");
  }

  const auto list = client_.GetApiKeys({});
  if (!list.ok()) return Refusal{"the keys cannot be listed", list.error()};
  for (const v1::ApiKey& key : list->api_keys()) {
    if (IsTemporaryKeyName(key.name())) {
      report_.Add("an earlier examination has left nothing",
                  "delete the key " + key.id() + ", if no other examination is running");
    }
  }

  v1::DeleteApiKeyRequest deletion;
  deletion.set_key_id(RandomKeyId());
  const auto deleted = client_.DeleteApiKey(deletion);
  if (deleted.ok()) {
    return Refusal{
        "it is not certain that a key could be deleted again: the portal does not "
        "report that a key that no portal has is unknown"};
  }
  if (!Is(deleted.error(), StatusCode::NOT_FOUND, "KEY_NOT_FOUND")) {
    return Refusal{"a key could not be deleted again", deleted.error()};
  }
  report_.Add("DeleteApiKey: an unknown key is not found", "");

  const auto self = client_.GetApiKey({});
  if (self.ok()) {
    const auto now = std::chrono::system_clock::now() + kLeastLife;
    if (!self->api_key().is_active()) return Refusal{"the credential is a key that is not active"};
    if (self->api_key().has_expires_at() &&
        self->api_key().expires_at().seconds() <= std::chrono::system_clock::to_time_t(now)) {
      return Refusal{"the credential is a key that expires before the examination may be over"};
    }
  } else if (!Is(self.error(), StatusCode::UNIMPLEMENTED, "NOT_IMPLEMENTED_BY_PORTAL")) {
    ExpectError("GetApiKey: only a key can be told about itself", self,
                StatusCode::FAILED_PRECONDITION, "CREDENTIAL_IS_NOT_AN_API_KEY");
  }
  return std::nullopt;
}

Report Examination::Run() {
  try {
    Examine();
  } catch (...) {
    keys_.RemoveAll();
    throw;
  }
  key_client_.reset();
  report_.keys_left = keys_.RemoveAll();
  JudgeRelease();
  JudgeDatabase();
  JudgeLimits();
  return std::move(report_);
}

void Examination::Examine() {
  for (const auto step :
       {&Examination::CreateTheKey, &Examination::ListTheKeys, &Examination::AskForSomeFields,
        &Examination::AskTheKeyAboutItself, &Examination::UseTheKeyBeyondItsScope,
        &Examination::ChangeTheKey, &Examination::SendWhatIsInvalid,
        &Examination::ChangeAKeyThatIsNotThere, &Examination::WriteManyTimesAtOnce,
        &Examination::DeactivateTheKey, &Examination::DeleteTheKey}) {
    report_.signal = stop_();
    if (report_.signal != 0 || !(this->*step)()) return;
  }
}

bool Examination::CreateTheKey() {
  auto created = CreateWithAnyName();
  const char* const check = "CreateApiKey: creates a key";
  if (!created.ok() && created.error().code == StatusCode::PERMISSION_DENIED) {
    report_.AddNotMade(check,
                       "the credential's owner may not create keys: " + Describe(created.error()));
    return false;
  }
  if (!Succeeded(check, created)) return false;
  return TakeKey(*std::move(created));
}

Result<v1::CreateApiKeyResponse> Examination::CreateWithAnyName() {
  auto created = keys_.Create(keys_.tag() + kOddSuffix, kDays);
  const bool is_portals_failure =
      !created.ok() && created.error().http_status == 500 &&
      (created.error().code == StatusCode::INTERNAL || created.error().code == StatusCode::UNKNOWN);
  if (!is_portals_failure) return created;
  auto plain = keys_.Create(keys_.tag(), kDays);
  refused_long_characters_ = plain.ok();
  return plain.ok() ? std::move(plain) : std::move(created);
}

bool Examination::TakeKey(v1::CreateApiKeyResponse created) {
  v1::ApiKey& key = *created.mutable_api_key();
  report_.Add("CreateApiKey: the secret, once", DifferenceOfSecret(key));
  Secret secret(std::move(*key.mutable_key()));
  key.clear_key();
  key_ = key;
  report_.Add("CreateApiKey: the key is as it was asked for",
              DifferenceOfCreated(key_, kFirstPermission));
  report_.Add("CreateApiKey: its dates",
              DifferenceOfDates(key_, kDays, std::chrono::system_clock::now()));
  report_.Add("CreateApiKey: its creator", DifferenceOfCreator(key_));
  const std::string given = keys_.tag() + (refused_long_characters_ ? "" : kOddSuffix);
  const NameForm form = FormOf(given, key_.name());
  if (form == NameForm::kHtmlEncoded) Saw("it encodes HTML in names", Releases::Next());
  report_.Add("CreateApiKey: its name", form == NameForm::kAsGiven || form == NameForm::kHtmlEncoded
                                            ? ""
                                            : "the name is different: " + key_.name());
  auto credential = Credential::ApiKey(secret.Reveal());
  if (!credential.ok() || key_.id().empty()) return false;
  key_client_.emplace(channel_, *std::move(credential), options_);
  return true;
}

bool Examination::ListTheKeys() {
  const auto list = client_.GetApiKeys({});
  if (!Succeeded("GetApiKeys: lists the keys", list)) return false;
  report_.Add("GetApiKeys: newest first", DifferenceOfOrder(*list));
  report_.Add("GetApiKeys: the envelope", DifferenceOfEnvelope(*list));
  if (list->count() == 1 && list->api_keys_size() != 1) {
    Saw("it counts a list as one", Releases::V31() | Releases::V32() | Releases::V37());
  } else if (list->count() == list->api_keys_size() && list->count() != 1) {
    Saw("it counts the keys of a list", Releases::Next());
  } else if (list->count() != 1) {
    report_.Add("GetApiKeys: count",
                "it is neither 1 nor the number of keys: " + std::to_string(list->count()));
  }
  const auto found = std::ranges::find(list->api_keys(), key_.id(), &v1::ApiKey::id);
  if (found == list->api_keys().end()) {
    report_.Add("GetApiKeys: shows the new key", "it does not");
    return true;
  }
  report_.Add("GetApiKeys: shows the new key, masked", DifferenceOfListed(key_, *found));
  report_.Add("GetApiKeys: the key's dates are kept", DifferenceOfKeptDates(key_, *found));
  precision_ = PrecisionOf(*found);
  if (!refused_long_characters_) later_name_ = FormOf(keys_.tag() + kOddSuffix, found->name());
  return true;
}

bool Examination::AskForSomeFields() {
  v1::GetApiKeysRequest request;
  request.set_fields("id");
  const auto list = client_.GetApiKeys(request);
  const char* const check = "GetApiKeys: only the fields that were asked for";
  if (!Succeeded(check, list)) return true;
  const bool has_other_fields = std::ranges::any_of(list->api_keys(), [](const v1::ApiKey& key) {
    return key.has_name() || key.has_key() || key.has_create_by() || !key.has_id();
  });
  std::string difference;
  if (has_other_fields || IdsOf(*list).find(key_.id()) == std::string::npos) {
    difference = "there are other fields, or the ids are missing";
  } else if (list->links_size() != 1 ||
             list->links(0).href().find("fields=id") == std::string::npos) {
    difference = "the link lacks the request's query";
  }
  report_.Add(check, difference);
  return true;
}

bool Examination::AskTheKeyAboutItself() {
  const auto self = key_client_->GetApiKey({});
  if (!self.ok() && Is(self.error(), StatusCode::UNIMPLEMENTED, "NOT_IMPLEMENTED_BY_PORTAL")) {
    Saw("it cannot tell a key about itself", Releases::V31());
    return true;
  }
  if (!Succeeded("GetApiKey: tells a key about itself", self)) return true;
  Saw("it tells a key about itself", Releases::V32() | Releases::V37() | Releases::Next());
  std::string difference = DifferenceOfListed(key_, self->api_key());
  if (self->api_key().id() != key_.id()) difference = "it is another key";
  if (difference.empty() && !self->api_key().has_last_used()) {
    difference = "lastUsed is absent, though the key is in use";
  }
  report_.Add("GetApiKey: tells a key about itself", difference);
  return true;
}

bool Examination::UseTheKeyBeyondItsScope() {
  const auto list = key_client_->GetApiKeys({});
  const auto update = key_client_->UpdateApiKey(ChangeOfTheKey());
  const char* const check = "a key's scope is the same for reads and writes";
  if (list.ok() && update.ok()) {
    Saw("any scope lets a key manage keys", Releases::V31() | Releases::V32());
    report_.Add(check, update->updated() ? "" : "a change by the key itself was not made");
    return true;
  }
  for (const ApiKeysError* error :
       {list.ok() ? nullptr : &list.error(), update.ok() ? nullptr : &update.error()}) {
    if (error == nullptr) {
      report_.Add(check, "one of them was refused, and the other was not");
    } else if (!Is(*error, StatusCode::PERMISSION_DENIED, "ACCESS_DENIED")) {
      AddFailure(check, *error);
    } else {
      continue;
    }
    return true;
  }
  Saw("a key needs a scope for everything to manage keys", Releases::V37() | Releases::Next());
  report_.Add(check, "");
  return true;
}

bool Examination::ChangeTheKey() {
  const auto unchanged = client_.UpdateApiKey(ChangeOfTheKey());
  if (Succeeded("UpdateApiKey: an empty change succeeds", unchanged)) {
    report_.Add("UpdateApiKey: an empty change succeeds",
                unchanged->updated() ? "" : "the response is false");
  }
  v1::UpdateApiKeyRequest request = ChangeOfTheKey();
  request.set_name(keys_.tag() + " renamed");
  request.add_permissions(kSecondPermission);
  const auto changed = client_.UpdateApiKey(request);
  const char* const check = "UpdateApiKey: changes what is given, and nothing else";
  if (!Succeeded(check, changed)) return true;
  const auto key = Listed(check);
  if (!key) return true;
  std::string difference;
  if (!changed->updated()) difference = "the response is false";
  if (key->name() != request.name()) difference = "the name is different";
  if (key->permissions_size() != 1 || key->permissions(0) != kSecondPermission) {
    difference = "the permissions are different";
  }
  if (!key->is_active() || !key->has_expires_at()) difference = "it changed another member";
  report_.Add(check, difference);
  return true;
}

bool Examination::SendWhatIsInvalid() {
  std::string long_name = keys_.tag();
  long_name.resize(31, 'x');
  // The limit may be five creations in a quarter of an hour: this is the second.
  ExpectError("CreateApiKey: names the fields that are invalid", keys_.Create(long_name, 366),
              StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", {"name", "expires_in_days"});
  v1::UpdateApiKeyRequest request = ChangeOfTheKey();
  request.set_name(long_name);
  ExpectError("UpdateApiKey: names the field that is invalid", client_.UpdateApiKey(request),
              StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", {"name"});
  request = ChangeOfTheKey();
  request.add_permissions("doctor:read");
  ExpectError("UpdateApiKey: refuses an unknown permission", client_.UpdateApiKey(request),
              StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST");
  request.set_key_id("doctor");
  ExpectError("UpdateApiKey: refuses what is not an id", client_.UpdateApiKey(request),
              StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", {"key_id"});
  return true;
}

bool Examination::ChangeAKeyThatIsNotThere() {
  v1::UpdateApiKeyRequest request;
  request.set_key_id(RandomKeyId());
  const auto updated = client_.UpdateApiKey(request);
  const char* const check = "UpdateApiKey: does not change an unknown key";
  if (!updated.ok()) {
    // Older releases respond in this way to users who are neither owner nor administrator.
    ExpectError(check, updated, StatusCode::NOT_FOUND, "KEY_NOT_FOUND");
    return true;
  }
  if (!updated->updated()) {
    Saw("it says false of an unknown key", Releases::V31() | Releases::V32());
  }
  report_.Add(check, updated->updated() ? "the response is true" : "");
  return true;
}

bool Examination::WriteManyTimesAtOnce() {
  // The writes change nothing.
  const v1::UpdateApiKeyRequest request = ChangeOfTheKey();
  std::array<std::optional<ApiKeysError>, kWritesAtOnce> errors;
  {
    std::vector<std::jthread> writers;
    writers.reserve(kWritesAtOnce);
    for (std::optional<ApiKeysError>& error : errors) {
      writers.emplace_back([&error, &request, this] {
        const auto updated = impatient_client_.UpdateApiKey(request);
        if (!updated.ok()) error = updated.error();
      });
    }
  }
  const char* const check = "UpdateApiKey: writes at the same time";
  for (const std::optional<ApiKeysError>& error : errors) {
    if (!error) {
      ++writes_that_passed_;
    } else if (Is(*error, StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED")) {
      NoteLimit(*error);
    } else {
      AddFailure(check, *error);
      return true;
    }
  }
  report_.Add(check, writes_that_passed_ == 0 ? "none of them was made" : "");
  return true;
}

bool Examination::DeactivateTheKey() {
  v1::UpdateApiKeyRequest request = ChangeOfTheKey();
  request.set_is_active(false);
  const auto deactivated = client_.UpdateApiKey(request);
  const char* const check = "UpdateApiKey: an inactive key does not authenticate";
  if (!Succeeded(check, deactivated)) return true;
  ExpectError(check, key_client_->GetApiKeys({}), StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED");
  request.set_is_active(true);
  const auto activated = client_.UpdateApiKey(request);
  const char* const again = "UpdateApiKey: a key that is active again authenticates";
  if (!Succeeded(again, activated)) return true;
  const auto list = key_client_->GetApiKeys({});
  if (list.ok() || Is(list.error(), StatusCode::PERMISSION_DENIED, "ACCESS_DENIED")) {
    report_.Add(again, "");
  } else {
    AddFailure(again, list.error());
  }
  return true;
}

bool Examination::DeleteTheKey() {
  v1::DeleteApiKeyRequest request;
  request.set_key_id(key_.id());
  const auto deleted = client_.DeleteApiKey(request);
  const char* const check = "DeleteApiKey: deletes a key";
  if (!Succeeded(check, deleted)) return true;
  const auto list = client_.GetApiKeys({});
  if (!Succeeded(check, list)) return true;
  const bool is_listed = IdsOf(*list).find(key_.id()) != std::string::npos;
  report_.Add(check, !deleted->deleted() ? "the response is false"
                     : is_listed ? "the key is listed again; if it was in use at that moment, "
                                   "this is a known defect of the portal"
                                 : "");
  if (is_listed) return true;
  ExpectError("DeleteApiKey: a deleted key does not authenticate", key_client_->GetApiKeys({}),
              StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED");
  ExpectError("DeleteApiKey: a deleted key is not found", client_.DeleteApiKey(request),
              StatusCode::NOT_FOUND, "KEY_NOT_FOUND");
  return true;
}

void Examination::JudgeRelease() {
  const Releases fitting = Fitting(signs_);
  if (fitting != Releases::None()) {
    report_.release = fitting == Releases::All() ? "unknown" : fitting.Names();
    return;
  }
  std::string contradiction;
  for (const auto& [what, releases] : signs_) {
    contradiction += (contradiction.empty() ? "" : "; ") + what + " (" + releases.Names() + ")";
  }
  report_.Add("all signs are of one release", contradiction);
}

void Examination::JudgeDatabase() {
  if (!precision_) return;
  const bool keeps_long_characters =
      later_name_ == NameForm::kAsGiven || later_name_ == NameForm::kHtmlEncoded;
  const bool replaces_long_characters = later_name_ == NameForm::kWithoutLongCharacters ||
                                        later_name_ == NameForm::kHtmlEncodedWithoutLongCharacters;
  switch (*precision_) {
    case Precision::kSeconds:
      report_.database = "keeps whole seconds";
      break;
    case Precision::kMicroseconds:
      report_.database = "keeps microseconds";
      break;
    case Precision::kExact:
      report_.database = "keeps more than microseconds";
      break;
  }
  if (keeps_long_characters) report_.database += " and every character";
  if (replaces_long_characters) report_.database += ", and ? for a character beyond U+FFFF";
  if (refused_long_characters_) report_.database += ", and fails on a character beyond U+FFFF";
  const bool is_mysql =
      *precision_ == Precision::kSeconds && (replaces_long_characters || refused_long_characters_);
  const bool is_postgresql = *precision_ == Precision::kMicroseconds && keeps_long_characters;
  if (is_mysql) report_.database += " (MySQL)";
  if (is_postgresql) report_.database += " (PostgreSQL)";
  report_.Add("later reads are as MySQL or PostgreSQL keeps them",
              is_mysql || is_postgresql ? "" : "the database " + report_.database);
}

void Examination::JudgeLimits() {
  report_.limits.assign(limits_.begin(), limits_.end());
  if (limits_.empty()) {
    report_.limits.push_back(writes_that_passed_ == 0
                                 ? "none seen"
                                 : "none seen: " + std::to_string(writes_that_passed_) +
                                       " writes at a time passed");
  }
}

std::optional<v1::ApiKey> Examination::Listed(const char* check) {
  const auto list = client_.GetApiKeys({});
  if (!Succeeded(check, list)) return std::nullopt;
  for (const v1::ApiKey& key : list->api_keys()) {
    if (key.id() == key_.id()) return key;
  }
  report_.Add(check, "the key is not listed any more");
  return std::nullopt;
}

v1::UpdateApiKeyRequest Examination::ChangeOfTheKey() const {
  v1::UpdateApiKeyRequest request;
  request.set_key_id(key_.id());
  return request;
}

template <typename Response>
bool Examination::Succeeded(const char* check, const Result<Response>& result) {
  if (!result.ok()) AddFailure(check, result.error());
  return result.ok();
}

template <typename Response>
void Examination::ExpectError(const char* check, const Result<Response>& result, StatusCode code,
                              const char* reason, const std::vector<std::string>& fields) {
  if (result.ok()) {
    report_.Add(check, "the call succeeded");
    return;
  }
  const ApiKeysError& error = result.error();
  if (!Is(error, code, reason)) {
    AddFailure(check, error);
    return;
  }
  std::string difference;
  for (const std::string& field : fields) {
    if (std::ranges::find(error.field_violations, field, &FieldViolation::field) ==
        error.field_violations.end()) {
      difference = "the error does not name the field " + field;
    }
  }
  report_.Add(check, difference);
}

void Examination::AddFailure(const char* check, const ApiKeysError& error) {
  NoteLimit(error);
  if (IsTransient(error)) {
    report_.AddNotMade(check, Describe(error));
  } else {
    report_.Add(check, Describe(error));
  }
}

void Examination::NoteLimit(const ApiKeysError& error) {
  if (!Is(error, StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED")) return;
  if (error.quota_violations.empty()) limits_.insert("a limit that has no number");
  for (const QuotaViolation& violation : error.quota_violations) {
    limits_.insert(violation.description);
  }
}

void Examination::Saw(std::string what, Releases releases) {
  signs_.push_back({std::move(what), releases});
}

}  // namespace docspace::apikeys::cli
