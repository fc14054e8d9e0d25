#include "tests/e2e/end_to_end.h"

#include <utility>

namespace docspace::gateway::testkit {

std::string EndToEndTest::StartPortal() {
  portal_ = emulator::Emulator::Start(PortalOptions());
  for (const emulator::SeededUser& user : portal_->users()) {
    ForbidInOutput(user.password);
    ForbidInOutput(user.Basic().substr(std::string("Basic ").size()));
    ForbidInOutput(user.session_token);
    ForbidInOutput(user.oauth2_token);
    ForbidInOutput(user.open_id_token);
    ForbidInOutput(user.api_key);
  }
  return portal_->url();
}

std::string EndToEndTest::KeyId() {
  return portal_->SeedKey(Role::kOwner, {.name = "Of the owner"}).id;
}

void EndToEndTest::TearDown() {
  gateway().Stop();
  for (const emulator::ApiKey& key : portal_->Keys()) ForbidInOutput(key.secret);
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
  ForbidInOutput(token);
  return {{"authorization", "Bearer " + token}};
}

}  // namespace docspace::gateway::testkit
