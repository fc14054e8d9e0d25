// The end-to-end fixture: a caller, the gateway and an emulated portal in one process, connected by
// real channels.
#ifndef TESTS_E2E_END_TO_END_H_
#define TESTS_E2E_END_TO_END_H_

#include <memory>
#include <string>

#include "tests/emulator/emulator.h"
#include "tests/testkit/gateway_fixture.h"

namespace docspace::gateway::testkit {

class EndToEndTest : public GatewayFixture {
 protected:
  using Role = emulator::Role;

  // Returns the emulator's options; a fixture overrides it if it needs others.
  virtual emulator::EmulatorOptions PortalOptions() { return {}; }

  std::string StartPortal() override;
  // Creates a key of the owner and returns its id.
  std::string KeyId() override;
  void TearDown() override;

  emulator::Emulator& portal() { return *portal_; }

  // Return the metadata with a credential of that role's user, or with a bearer token.
  Metadata ApiKeyOf(Role role);
  Metadata BasicOf(Role role);
  Metadata SessionOf(Role role);
  Metadata BearerOf(std::string token);

 private:
  std::unique_ptr<emulator::Emulator> portal_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_E2E_END_TO_END_H_
