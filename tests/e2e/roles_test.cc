// Permissions of the roles through the gateway: the portal decides, based on the credential that it
// receives.
#include <gmock/gmock.h>

#include "tests/e2e/end_to_end.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.

class RolesTest : public EndToEndTest {
 protected:
  std::size_t KeysSeenBy(Role role) {
    const auto answer = Call(GetApiKeysRequest(), BasicOf(role));
    EXPECT_TRUE(answer.ok()) << answer;
    return static_cast<std::size_t>(answer.response.api_keys_size());
  }

  bool MayRename(Role role, const std::string& key_id) {
    UpdateApiKeyRequest request;
    request.set_key_id(key_id);
    request.set_name("Renamed");
    const auto answer = Call(request, BasicOf(role));
    EXPECT_TRUE(answer.ok()) << answer;
    return answer.response.updated();
  }

  bool MayDelete(Role role, Role owner) {
    DeleteApiKeyRequest request;
    request.set_key_id(portal().SeedKey(owner, {.name = "Doomed"}).id);
    const auto answer = Call(request, BasicOf(role));
    EXPECT_TRUE(answer.ok()) << answer;
    return answer.response.deleted();
  }
};

TEST_F(RolesTest, OwnerAndAdministratorsSeeAllKeysOthersTheirOwn) {
  EXPECT_EQ(KeysSeenBy(Role::kOwner), 4U);
  EXPECT_EQ(KeysSeenBy(Role::kDocSpaceAdmin), 4U);
  EXPECT_EQ(KeysSeenBy(Role::kRoomAdmin), 1U);
  EXPECT_EQ(KeysSeenBy(Role::kUser), 1U);
  EXPECT_EQ(KeysSeenBy(Role::kGuest), 0U);
}

TEST_F(RolesTest, OwnerAndAdministratorsChangeAllKeysOthersTheirOwn) {
  const std::string users = portal().user(Role::kUser).api_key_id;
  EXPECT_TRUE(MayRename(Role::kOwner, users));
  EXPECT_TRUE(MayRename(Role::kDocSpaceAdmin, users));
  EXPECT_FALSE(MayRename(Role::kRoomAdmin, users));
  EXPECT_TRUE(MayRename(Role::kUser, users));
  EXPECT_TRUE(MayDelete(Role::kDocSpaceAdmin, Role::kOwner));
  EXPECT_FALSE(MayDelete(Role::kUser, Role::kRoomAdmin));
  EXPECT_TRUE(MayDelete(Role::kUser, Role::kUser));
}

TEST_F(RolesTest, AllButGuestsCreateKeys) {
  for (const Role role : emulator::kRoles) {
    const CallResult outcome = Call(Rpc::kCreateApiKey, BasicOf(role));
    EXPECT_EQ(outcome.ok(), role != Role::kGuest) << emulator::ToString(role);
  }
}

TEST_F(RolesTest, AKeySpeaksForItsOwner) {
  for (const Role role : emulator::kRoles) {
    if (role == Role::kGuest) continue;
    const auto answer = Call(GetApiKeyRequest(), ApiKeyOf(role));
    ASSERT_TRUE(answer.ok()) << answer;
    EXPECT_EQ(answer.response.api_key().id(), portal().user(role).api_key_id);
    EXPECT_EQ(answer.response.api_key().create_by().id(), portal().user(role).id);
  }
}

TEST_F(RolesTest, TheSecretIsShownOnceAndWorks) {
  CreateApiKeyRequest request;
  request.set_name("Secret");
  const auto created = Call(request, SessionOf(Role::kUser));
  ASSERT_TRUE(created.ok()) << created;
  const std::string secret = created.response.api_key().key();
  EXPECT_THAT(secret, ::testing::MatchesRegex("sk-[0-9a-f]{64}"));
  const auto self = Call(GetApiKeyRequest(), BearerOf(secret));
  ASSERT_TRUE(self.ok()) << self;
  EXPECT_EQ(self.response.api_key().id(), created.response.api_key().id());
  EXPECT_EQ(self.response.api_key().key(), "sk-***" + secret.substr(secret.size() - 4));
  EXPECT_TRUE(self.response.api_key().has_last_used());
}

}  // namespace
}  // namespace docspace::gateway::testkit
