// A caller, the gateway and an emulated portal in this process, joined by real channels.
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

  // For a fixture that wants others.
  virtual emulator::EmulatorOptions PortalOptions() { return {}; }

  std::string StartPortal() override;
  // A fresh key of the owner's.
  std::string KeyId() override;
  void TearDown() override;

  emulator::Emulator& portal() { return *portal_; }

  // Ready-made credentials.
  Metadata ApiKeyOf(Role role);
  Metadata BasicOf(Role role);
  Metadata SessionOf(Role role);
  Metadata BearerOf(std::string token);

 private:
  std::unique_ptr<emulator::Emulator> portal_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_E2E_END_TO_END_H_
