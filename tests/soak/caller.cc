#include "tests/soak/caller.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <string_view>
#include <thread>

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.
using emulator::Role;
using grpc::StatusCode;

constexpr std::size_t kMaxViolations = 10;
constexpr int kDeleteTries = 8;

std::string CodeName(StatusCode code) {
  switch (code) {
    case StatusCode::OK:
      return "OK";
    case StatusCode::UNKNOWN:
      return "UNKNOWN";
    case StatusCode::DEADLINE_EXCEEDED:
      return "DEADLINE_EXCEEDED";
    case StatusCode::NOT_FOUND:
      return "NOT_FOUND";
    case StatusCode::RESOURCE_EXHAUSTED:
      return "RESOURCE_EXHAUSTED";
    case StatusCode::INTERNAL:
      return "INTERNAL";
    case StatusCode::UNAVAILABLE:
      return "UNAVAILABLE";
    default:
      return "code " + std::to_string(code);
  }
}

std::string Describe(const char* rpc, const CallResult& outcome) {
  return std::string(rpc) + " answered " + CodeName(outcome.status.error_code()) + " " +
         outcome.reason() + ": " + outcome.status.error_message();
}

}  // namespace

Caller::Caller(std::size_t number, Stub& stub, emulator::Emulator& portal, unsigned seed)
    : number_(number),
      stub_(stub),
      portal_(portal),
      owner_("authorization", portal.user(Role::kUser).Basic()),
      lister_("apikeybearer", portal.user(Role::kRoomAdmin).api_key),
      random_(seed) {}

void Caller::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::optional<Key> key = Create();
    for (int i = 0; key && i < 3; ++i) {
      if (OneIn(3)) Rename(*key);
      AskForKey(*key);
    }
    if (OneIn(2)) AskForPermissions();
    if (OneIn(2)) AskForKeys();
    if (key) Delete(*key);
  }
}

void Caller::Audit() {
  for (std::size_t i = 0; i < creations_.size(); ++i) {
    const std::size_t made = portal_.CreatedWithName(NameOf(i));
    if (made > 1) Wrong(report_.duplicated_writes, NameOf(i) + " was made more than once");
    if (creations_[i] == Done::kYes && made == 0) {
      Wrong(report_.false_successes, NameOf(i) + " was answered OK, and never made");
    }
    if (creations_[i] == Done::kNo && made > 0) {
      Wrong(report_.unreported_writes, NameOf(i) + " was made, and the answer said it was not");
    }
  }
  report_.creations = creations_.size();
}

template <class Request, class Response>
CallResponse<Response> Caller::Call(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                 const Request&, Response*),
                                    const Request& request, const Credential& credential) {
  using Clock = std::chrono::steady_clock;
  grpc::ClientContext context;
  context.AddMetadata(credential.first, credential.second);
  const auto patience = OneIn(20) ? std::chrono::milliseconds(1 + random_() % 20)
                                  : std::chrono::milliseconds(std::chrono::seconds(30));
  context.set_deadline(std::chrono::system_clock::now() + patience);
  CallResponse<Response> answer;
  const Clock::time_point began = Clock::now();
  const grpc::Status status = (stub_.*method)(&context, request, &answer.response);
  const Clock::duration took = Clock::now() - began;
  static_cast<CallResult&>(answer) = CallResultOf(status, context);
  ++report_.calls;
  std::string rpc(Request::descriptor()->name());
  rpc.resize(rpc.size() - std::string_view("Request").size());
  ++report_.outcomes[rpc + " " + CodeName(status.error_code())];
  // The caller is busy for 70 % of the time.
  std::this_thread::sleep_for(took * 3 / 7);
  return answer;
}

std::optional<Caller::Key> Caller::Create() {
  CreateApiKeyRequest request;
  request.set_name(NameOf(creations_.size()));
  creations_.push_back(Done::kMaybe);
  const auto answer = Call(&Stub::CreateApiKey, request, owner_);
  const Done done = Judge(answer, "CreateApiKey");
  creations_.back() = done;
  if (done != Done::kYes) return std::nullopt;
  const ApiKey& key = answer.response.api_key();
  if (key.name() != request.name() || key.id().size() != 36 || key.key().size() != 67) {
    Wrong(report_.wrong_answers, request.name() + " was asked for, and " + key.name() + " made");
    return std::nullopt;
  }
  return Key{.id = key.id(),
             .secret = {"apikeybearer", key.key()},
             .name = key.name(),
             .possible_names = {}};
}

void Caller::Rename(Key& key) {
  UpdateApiKeyRequest request;
  request.set_key_id(key.id);
  request.set_name("renamed " + std::to_string(random_()));
  const auto answer = Call(&Stub::UpdateApiKey, request, owner_);
  const Done done = Judge(answer, "UpdateApiKey");
  if (done == Done::kYes) {
    if (!answer.response.updated()) Wrong(report_.wrong_answers, "a key was not there to change");
    key.name = request.name();
  }
  if (done == Done::kMaybe) key.possible_names.insert(request.name());
}

void Caller::Delete(const Key& key) {
  DeleteApiKeyRequest request;
  request.set_key_id(key.id);
  bool maybe_deleted = false;
  for (int i = 0; i < kDeleteTries; ++i) {
    const auto answer = Call(&Stub::DeleteApiKey, request, owner_);
    if (answer.status.error_code() == StatusCode::NOT_FOUND) {
      if (!maybe_deleted) {
        Wrong(report_.unreported_writes, key.id + " was deleted, and the answer said it was not");
      }
      return;
    }
    const Done done = Judge(answer, "DeleteApiKey");
    if (done == Done::kYes) {
      if (!answer.response.deleted()) Wrong(report_.wrong_answers, "a key was not there to delete");
      return;
    }
    maybe_deleted = maybe_deleted || done == Done::kMaybe;
  }
}

void Caller::AskForKey(const Key& key) {
  const auto answer = Call(&Stub::GetApiKey, GetApiKeyRequest(), key.secret);
  if (!Answered(answer, "GetApiKey")) return;
  const ApiKey& told = answer.response.api_key();
  if (told.id() != key.id ||
      (told.name() != key.name && !key.possible_names.contains(told.name()))) {
    Wrong(report_.wrong_answers, key.name + " of id " + key.id + " was asked for, and " +
                                     told.name() + " told about, of id " + told.id());
  }
}

void Caller::AskForPermissions() {
  const auto answer = Call(&Stub::GetAllPermissions, GetAllPermissionsRequest(), owner_);
  if (!Answered(answer, "GetAllPermissions")) return;
  if (!std::ranges::equal(answer.response.permissions(), emulator::kPermissions)) {
    Wrong(report_.wrong_answers, "the permissions are other ones");
  }
}

void Caller::AskForKeys() {
  const auto answer = Call(&Stub::GetApiKeys, GetApiKeysRequest(), lister_);
  if (!Answered(answer, "GetApiKeys")) return;
  if (answer.response.api_keys_size() != 1 ||
      answer.response.api_keys(0).id() != portal_.user(Role::kRoomAdmin).api_key_id) {
    Wrong(report_.wrong_answers, "the keys are somebody else's");
  }
}

Caller::Done Caller::Judge(const CallResult& outcome, const char* rpc) {
  switch (outcome.status.error_code()) {
    case StatusCode::OK:
      return Done::kYes;
    case StatusCode::UNAVAILABLE:
    case StatusCode::RESOURCE_EXHAUSTED:
      return Done::kNo;
    case StatusCode::DEADLINE_EXCEEDED:
      return outcome.metadata("write_sent") == "false" ? Done::kNo : Done::kMaybe;
    case StatusCode::UNKNOWN:
      return Done::kMaybe;
    default:
      Wrong(report_.wrong_answers, Describe(rpc, outcome));
      return Done::kMaybe;
  }
}

bool Caller::Answered(const CallResult& outcome, const char* rpc) {
  switch (outcome.status.error_code()) {
    case StatusCode::OK:
      return true;
    case StatusCode::UNAVAILABLE:
    case StatusCode::RESOURCE_EXHAUSTED:
    case StatusCode::DEADLINE_EXCEEDED:
      return false;
    case StatusCode::INTERNAL:
      if (outcome.reason() == "UPSTREAM_MALFORMED") return false;
      [[fallthrough]];
    default:
      Wrong(report_.wrong_answers, Describe(rpc, outcome));
      return false;
  }
}

void Caller::Wrong(std::uint64_t& count, std::string violation) {
  ++count;
  if (report_.violations.size() < kMaxViolations)
    report_.violations.push_back(std::move(violation));
}

std::string Caller::NameOf(std::size_t creation) const {
  return "soak " + std::to_string(number_) + "-" + std::to_string(creation);
}

bool Caller::OneIn(int n) { return random_() % static_cast<unsigned>(n) == 0; }

}  // namespace docspace::gateway::testkit
