// Lists, creates, updates and deletes a key: DOCSPACE_API_KEY=sk-… tour HOST:PORT [NAME]
//
// DOCSPACE_CA_FILE names a file of authorities to trust instead of those of the system.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>

#include "client/cpp/client.h"
#include "client/cpp/take_secret.h"

namespace {

using docspace::apikeys::ApiKeysError, docspace::apikeys::Client, docspace::apikeys::Credential;
using docspace::apikeys::CodeName, docspace::apikeys::Result, docspace::apikeys::Secret;
using docspace::apikeys::TakeSecret, docspace::apikeys::Tls;
namespace v1 = docspace::apikeys::v1;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Tls Trust() {
  std::ifstream file(Environment("DOCSPACE_CA_FILE"));
  return {.ca_pem = {std::istreambuf_iterator<char>(file), {}}};
}

// Returns the id of the key with this name; empty if there is none.
Result<std::string> Find(const Client& client, const std::string& name) {
  const auto keys = client.GetApiKeys({});
  if (!keys.ok()) return keys.error();
  for (const v1::ApiKey& key : keys->api_keys()) {
    if (key.name() == name) return key.id();
  }
  return std::string();
}

// Creates a key and returns its id, even if a response is lost.
Result<std::string> Create(const Client& client, const std::string& name) {
  v1::CreateApiKeyRequest request;
  request.set_name(name);
  request.add_permissions("files:read");
  request.set_expires_in_days(30);
  for (int attempts = 1;; ++attempts) {
    auto created = client.CreateApiKey(request);
    if (created.ok()) {
      v1::CreateApiKeyResponse response = *std::move(created);
      // Reveal() is the only way to read the secret: pass it to the program that stores it.
      const Secret secret = TakeSecret(response);
      std::cout << "created " << name << '\n';
      return response.api_key().id();
    }
    const ApiKeysError& error = created.error();
    if (error.reason == "WRITE_OUTCOME_UNKNOWN") {
      // The key may exist, but its secret is lost.
      auto id = Find(client, name);
      if (!id.ok() || !id->empty()) {
        if (id.ok()) std::cout << "found " << name << '\n';
        return id;
      }
    } else if (!error.IsSafeToRetry()) {
      return error;
    }
    if (attempts == 3) return error;
    std::this_thread::sleep_for(Backoff(error, attempts));
  }
}

// Deletes a key. For a key of another user, older portals return false and newer ones deny access.
Result<bool> Delete(const Client& client, const std::string& key_id) {
  v1::DeleteApiKeyRequest request;
  request.set_key_id(key_id);
  const auto response = client.DeleteApiKey(request, {.timeout = std::chrono::seconds(5)});
  if (response.ok()) return response->deleted();
  if (response.error().reason == "ACCESS_DENIED") return false;
  return response.error();
}

Result<bool> Tour(const Client& client, const std::string& name) {
  const auto keys = client.GetApiKeys({});
  if (!keys.ok()) return keys.error();
  std::cout << keys->api_keys_size() << " keys\n";
  const auto key_id = Create(client, name);
  if (!key_id.ok()) return key_id.error();

  v1::UpdateApiKeyRequest update;
  update.set_key_id(*key_id);
  update.set_is_active(false);
  const auto updated = client.UpdateApiKey(update);
  if (!updated.ok()) return updated.error();
  if (updated->updated()) std::cout << "updated " << name << '\n';

  const auto deleted = Delete(client, *key_id);
  if (!deleted.ok()) return deleted.error();
  if (*deleted) {
    std::cout << "deleted " << name << '\n';
  } else {
    std::cout << "not deleted: another user's key\n";
  }
  return true;
}

int Report(const ApiKeysError& error) {
  for (const auto& violation : error.field_violations) {
    std::cerr << violation.field << ": " << violation.description << '\n';
  }
  if (error.code == grpc::StatusCode::UNAUTHENTICATED) {
    std::cerr << "DOCSPACE_API_KEY is not accepted: renew it\n";
  }
  std::cerr << CodeName(error.code) << ' ' << error.reason << ": " << error.message << " (request "
            << error.request_id << ")\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const auto credential = Credential::ApiKey(Environment("DOCSPACE_API_KEY"));
  if (!credential.ok()) return Report(credential.error());
  const auto client = Client::Connect(argv[1], Trust(), *credential);
  if (!client.ok()) return Report(client.error());
  const auto toured = Tour(*client, argc > 2 ? argv[2] : "Example");
  return toured.ok() ? 0 : Report(toured.error());
}
