// Tests the statements of docs/portal-api.md through the gateway, with one temporary key.
#ifndef CLIENT_CLI_DOCTOR_EXAMINATION_H_
#define CLIENT_CLI_DOCTOR_EXAMINATION_H_

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/cli/doctor/key_checks.h"
#include "client/cli/doctor/release.h"
#include "client/cli/doctor/report.h"
#include "client/cli/doctor/temporary_keys.h"
#include "client/cpp/client.h"

namespace docspace::apikeys::cli {

// The reason why an examination does not start.
struct Refusal {
  std::string why;
  // The error of the call that shows it, if there was a call.
  std::optional<ApiKeysError> error = {};
};

// Examination makes the calls and collects a report. Its methods block, each call for at most the
// timeout of the client's options. Not thread-safe.
class Examination {
 public:
  // `stop` returns the signal that asks the examination to end, or 0. It is called between calls.
  Examination(std::shared_ptr<grpc::Channel> channel, Credential credential, ClientOptions options,
              std::function<int()> stop);
  Examination(const Examination&) = delete;
  Examination& operator=(const Examination&) = delete;

  // Finds out, without changing anything, whether a temporary key could be deleted again. If not,
  // returns the reason.
  std::optional<Refusal> Prepare();

  // Examines the portal, and then always removes the keys that it has made. Must be called once,
  // after Prepare has returned nothing.
  Report Run();

 private:
  // Each of these returns whether the next step can be made.
  bool CreateTheKey();
  bool ListTheKeys();
  bool AskForSomeFields();
  bool AskTheKeyAboutItself();
  bool UseTheKeyBeyondItsScope();
  bool ChangeTheKey();
  bool SendWhatIsInvalid();
  bool ChangeAKeyThatIsNotThere();
  bool WriteManyTimesAtOnce();
  bool DeactivateTheKey();
  bool DeleteTheKey();

  void Examine();
  void JudgeRelease();
  void JudgeDatabase();
  void JudgeLimits();

  // Creates the key, with a plain name if the portal fails on the other one.
  Result<v1::CreateApiKeyResponse> CreateWithAnyName();
  // Takes the secret out of the response, for calls with the key.
  bool TakeKey(v1::CreateApiKeyResponse created);
  // Returns the key as the portal lists it now. Adds a check of that name if this fails.
  std::optional<v1::ApiKey> Listed(const char* check);
  v1::UpdateApiKeyRequest ChangeOfTheKey() const;

  template <typename Response>
  bool Succeeded(const char* check, const Result<Response>& result);
  // Adds a check that the call failed with that code and reason, and that the error names these
  // fields.
  template <typename Response>
  void ExpectError(const char* check, const Result<Response>& result, grpc::StatusCode code,
                   const char* reason, const std::vector<std::string>& fields = {});
  void AddFailure(const char* check, const ApiKeysError& error);
  void NoteLimit(const ApiKeysError& error);
  void Saw(std::string what, Releases releases);

  const std::shared_ptr<grpc::Channel> channel_;
  const ClientOptions options_;
  const std::function<int()> stop_;
  const Client client_;
  // This client never retries, because a retry would hide that the portal refused a call.
  const Client impatient_client_;
  TemporaryKeys keys_;
  // The client that uses the temporary key.
  std::optional<Client> key_client_;
  v1::ApiKey key_;

  Report report_;
  std::vector<Sign> signs_;
  std::optional<Precision> precision_;
  std::optional<NameForm> later_name_;
  bool refused_long_characters_ = false;
  std::set<std::string> limits_;
  // The number of concurrent writes that all passed; 0 if that was not attempted.
  std::size_t writes_that_passed_ = 0;
};

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_DOCTOR_EXAMINATION_H_
