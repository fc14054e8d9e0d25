// Exercises through the gateway what docs/portal-api.md says, with one temporary key.
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

// Why an examination does not start.
struct Refusal {
  std::string why;
  // The error that shows it, if a call does.
  std::optional<ApiKeysError> error = {};
};

// Calls block, each for at most the timeout of the client's options. Not thread-safe.
class Examination {
 public:
  // `stop` returns the signal that asks the examination to end, or 0; it is asked between calls.
  Examination(std::shared_ptr<grpc::Channel> channel, Credential credential, ClientOptions options,
              std::function<int()> stop);
  Examination(const Examination&) = delete;
  Examination& operator=(const Examination&) = delete;

  // Finds out, without changing anything, whether a temporary key could be deleted again. Returns
  // why not.
  std::optional<Refusal> Prepare();

  // Examines the portal, and then removes what it has made, whatever happens. Call it once, after
  // Prepare has returned nothing.
  Report Run();

 private:
  // Each returns whether the next step can be made.
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

  // Creates the key; with a plain name if the portal fails on the other one.
  Result<v1::CreateApiKeyResponse> CreateWithAnyName();
  // Takes the secret out of the response, for calls with the key.
  bool TakeKey(v1::CreateApiKeyResponse created);
  // The key as it is listed now. Adds a check of that name if it cannot be had.
  std::optional<v1::ApiKey> Listed(const char* check);
  v1::UpdateApiKeyRequest ChangeOfTheKey() const;

  template <typename Response>
  bool Succeeded(const char* check, const Result<Response>& result);
  // Adds a check that the call failed with that code and reason, and named these fields.
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
  // Never retries, which would hide that the portal refused a call.
  const Client impatient_client_;
  TemporaryKeys keys_;
  // Of the temporary key.
  std::optional<Client> key_client_;
  v1::ApiKey key_;

  Report report_;
  std::vector<Sign> signs_;
  std::optional<Precision> precision_;
  std::optional<NameForm> later_name_;
  bool refused_long_characters_ = false;
  std::set<std::string> limits_;
  // How many writes at a time all passed; 0 if that was not tried.
  std::size_t writes_that_passed_ = 0;
};

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_DOCTOR_EXAMINATION_H_
