#include "tests/e2e/end_to_end.h"

#include <utility>

namespace docspace::gateway::testing {

std::string EndToEndTest::StartPortal() {
  portal_ = emulator::Emulator::Start(PortalOptions());
  for (const emulator::SeededUser& user : portal_->users()) {
    Plant(user.password);
    Plant(user.Basic().substr(std::string("Basic ").size()));
    Plant(user.session_token);
    Plant(user.oauth2_token);
    Plant(user.open_id_token);
    Plant(user.api_key);
  }
  return portal_->url();
}

std::string EndToEndTest::KeyId() {
  return portal_->SeedKey(Role::kOwner, {.name = "Of the owner"}).id;
}

void EndToEndTest::TearDown() {
  gateway().Stop();
  for (const emulator::ApiKey& key : portal_->Keys()) Plant(key.secret);
  GatewayFixture::TearDown();
}

Metadata EndToEndTest::ApiKeyOf(Role role) {
  return {{"apikeybearer", portal_->user(role).api_key}};
}
Metadata EndToEndTest::BasicOf(Role role) {
  return {{"authorization", portal_->user(role).Basic()}};
}
Metadata EndToEndTest::SessionOf(Role role) {
  return {{"asc_auth_key", portal_->user(role).session_token}};
}
Metadata EndToEndTest::BearerOf(std::string token) {
  Plant(token);
  return {{"authorization", "Bearer " + token}};
}

}  // namespace docspace::gateway::testing
