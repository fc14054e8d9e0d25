// Lists the keys of a portal: DOCSPACE_API_KEY=sk-… first_call HOST:PORT
#include <cstdlib>
#include <iostream>

#include "client/cpp/client.h"

int main(int argc, char** argv) {
  using docspace::apikeys::Client, docspace::apikeys::Credential, docspace::apikeys::Plaintext;
  const char* key = std::getenv("DOCSPACE_API_KEY");
  const auto credential = Credential::ApiKey(key == nullptr ? "" : key);
  if (argc != 2 || !credential.ok()) return 2;
  const auto client = Client::Connect(argv[1], Plaintext{}, *credential);
  if (!client.ok()) return 2;
  const auto keys = client->GetApiKeys({});
  if (!keys.ok()) {
    std::cerr << keys.error().reason << ": " << keys.error().message << '\n';
    return 1;
  }
  for (const auto& api_key : keys->api_keys()) std::cout << api_key.name() << '\n';
}
