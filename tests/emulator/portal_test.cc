#include "tests/emulator/portal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/emulator/portal_exception.h"

namespace docspace::emulator {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Optional;

constexpr Time kNow{seconds(1'780'000'000)};

class PortalTest : public ::testing::Test {
 protected:
  PortalTest() { clock_.Set(kNow); }

  const User& Add(Role role) {
    return portal_.AddUser(role, std::string(ToString(role)) + "@portal.example", "password",
                           "Somebody");
  }

  template <typename Call>
  static PortalException ExceptionOf(Call call) {
    try {
      call();
    } catch (const PortalException& exception) {
      return exception;
    }
    return {0, "none", "nothing was thrown", 0};
  }

  Clock clock_;
  Entropy entropy_{1};
  Portal portal_{clock_, entropy_};
  const User& owner_ = Add(Role::kOwner);
  const User& admin_ = Add(Role::kDocSpaceAdmin);
  const User& room_admin_ = Add(Role::kRoomAdmin);
  const User& user_ = Add(Role::kUser);
  const User& guest_ = Add(Role::kGuest);
};

TEST_F(PortalTest, MakesAKeyWithASecretOfItsOwn) {
  const ApiKey& key = portal_.CreateApiKey(user_, {.name = "<b>CI</b>", .expires_in_days = 7});
  EXPECT_EQ(key.name, "<b>CI</b>");
  EXPECT_THAT(key.secret, MatchesRegex("sk-[0-9a-f]{64}"));
  EXPECT_THAT(key.id, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                   "[0-9a-f]{12}"));
  EXPECT_EQ(key.created_on, kNow);
  EXPECT_EQ(key.expires_at, kNow + days(7));
  EXPECT_EQ(key.created_by, &user_);
  EXPECT_TRUE(key.is_active);
  EXPECT_FALSE(key.last_used);
  EXPECT_THAT(key.permissions, Optional(IsEmpty()));
  EXPECT_NE(key.secret, portal_.CreateApiKey(user_, {.name = "b"}).secret);
}

TEST_F(PortalTest, StoresNoRestrictionAsAnEmptyList) {
  const auto stored = [&](std::vector<std::string> permissions) {
    return portal_.CreateApiKey(user_, {.name = "a", .permissions = permissions}).permissions;
  };
  EXPECT_THAT(stored({"*"}), Optional(IsEmpty()));
  EXPECT_THAT(stored({"rooms:read", "*"}), Optional(IsEmpty()));
  EXPECT_THAT(stored({}), Optional(IsEmpty()));
  EXPECT_THAT(stored({"rooms:read", "files:write"}),
              Optional(ElementsAre("rooms:read", "files:write")));
}

TEST_F(PortalTest, RefusesUnknownPermissions) {
  const PortalException exception = ExceptionOf(
      [&] { portal_.CreateApiKey(user_, {.name = "a", .permissions = {{"files:fly"}}}); });
  EXPECT_EQ(exception.status(), 400);
  EXPECT_EQ(exception.message(), "Permissions are not valid.");
  EXPECT_EQ(portal_.key_count(), 0);
}

TEST_F(PortalTest, RefusesGuests) {
  const PortalException exception =
      ExceptionOf([&] { portal_.CreateApiKey(guest_, {.name = "a"}); });
  EXPECT_EQ(exception.status(), 403);
  EXPECT_EQ(exception.type(), "System.Security.SecurityException");
  EXPECT_EQ(exception.message(), "Access denied");
}

TEST_F(PortalTest, KeepsDeveloperToolsForAdminsUnderThatCondition) {
  portal_.SetConditions({.developer_tools_limited = true});
  const PortalException exception =
      ExceptionOf([&] { portal_.CreateApiKey(room_admin_, {.name = "a"}); });
  EXPECT_EQ(exception.status(), 403);
  EXPECT_EQ(exception.message(), "Access denied");
  portal_.CreateApiKey(owner_, {.name = "a"});
  portal_.CreateApiKey(admin_, {.name = "b"});
  EXPECT_EQ(portal_.key_count(), 2);
}

TEST_F(PortalTest, ShowsAdminsEveryKeyAndOthersTheirOwn) {
  const ApiKey& first = portal_.CreateApiKey(room_admin_, {.name = "a"});
  const ApiKey& second = portal_.CreateApiKey(user_, {.name = "b"});
  EXPECT_THAT(portal_.GetApiKeys(owner_), ElementsAre(&second, &first));
  EXPECT_THAT(portal_.GetApiKeys(admin_), ElementsAre(&second, &first));
  EXPECT_THAT(portal_.AllApiKeys(), ElementsAre(&first, &second));
  EXPECT_THAT(portal_.GetApiKeys(room_admin_), ElementsAre(&first));
  EXPECT_THAT(portal_.GetApiKeys(user_), ElementsAre(&second));
  EXPECT_THAT(portal_.GetApiKeys(guest_), IsEmpty());
}

TEST_F(PortalTest, ChangesOnlyWhatIsGiven) {
  const ApiKey& key = portal_.CreateApiKey(user_, {.name = "a", .permissions = {{"files:read"}}});
  EXPECT_TRUE(portal_.UpdateApiKey(user_, key.id, {}));
  EXPECT_TRUE(
      portal_.UpdateApiKey(user_, key.id, {.name = "", .permissions = std::vector<std::string>()}));
  EXPECT_EQ(key.name, "a");
  EXPECT_THAT(key.permissions, Optional(ElementsAre("files:read")));
  EXPECT_TRUE(key.is_active);

  EXPECT_TRUE(portal_.UpdateApiKey(user_, key.id, {.name = "b"}));
  EXPECT_TRUE(portal_.UpdateApiKey(user_, key.id, {.permissions = {{"*"}}}));
  EXPECT_TRUE(portal_.UpdateApiKey(user_, key.id, {.is_active = false}));
  EXPECT_EQ(key.name, "b");
  EXPECT_FALSE(key.permissions);
  EXPECT_FALSE(key.is_active);

  EXPECT_TRUE(portal_.UpdateApiKey(user_, key.id, {.name = "  ", .is_active = true}));
  EXPECT_EQ(key.name, "  ");
  EXPECT_TRUE(key.is_active);
}

TEST_F(PortalTest, AnswersFalseForSomebodyElsesKey) {
  const ApiKey& key = portal_.CreateApiKey(user_, {.name = "a"});
  EXPECT_FALSE(portal_.UpdateApiKey(room_admin_, key.id, {.name = "b"}));
  EXPECT_FALSE(portal_.DeleteApiKey(room_admin_, key.id));
  EXPECT_EQ(key.name, "a");
  EXPECT_TRUE(portal_.UpdateApiKey(admin_, key.id, {.name = "b"}));
  EXPECT_TRUE(portal_.DeleteApiKey(admin_, key.id));
}

TEST_F(PortalTest, AnswersFalseForAnExpiredKeyOnUpdateButDeletesIt) {
  const ApiKey& key = portal_.CreateApiKey(user_, {.name = "a", .expires_in_days = 1});
  clock_.Advance(days(1));
  EXPECT_FALSE(portal_.UpdateApiKey(user_, key.id, {.name = "b"}));
  EXPECT_EQ(key.name, "a");
  EXPECT_TRUE(portal_.DeleteApiKey(user_, key.id));
}

TEST_F(PortalTest, StumblesOverAnUnknownKey) {
  const std::string deleted = portal_.CreateApiKey(user_, {.name = "a"}).id;
  portal_.DeleteApiKey(user_, deleted);
  for (const PortalException& exception :
       {ExceptionOf([&] { portal_.DeleteApiKey(user_, deleted); }),
        ExceptionOf([&] { portal_.UpdateApiKey(user_, deleted, {}); })}) {
    EXPECT_EQ(exception.status(), 500);
    EXPECT_EQ(exception.type(), "System.NullReferenceException");
  }
}

TEST_F(PortalTest, FindsKeysByIdsInAnyCase) {
  std::string id = portal_.CreateApiKey(user_, {.name = "a"}).id;
  for (char& c : id) c = static_cast<char>(std::toupper(c));
  EXPECT_TRUE(portal_.DeleteApiKey(user_, id));
}

TEST_F(PortalTest, MovesLastUsedAtEachUse) {
  const ApiKey& key = portal_.CreateApiKey(user_, {.name = "a"});
  EXPECT_EQ(portal_.UseApiKey(key.secret), &key);
  EXPECT_EQ(key.last_used, kNow);
  clock_.Advance(seconds(5));
  portal_.UseApiKey(key.secret);
  EXPECT_EQ(key.last_used, kNow + seconds(5));
}

TEST_F(PortalTest, AuthenticatesByNoKeyThatIsInactiveExpiredDeletedOrUnknown) {
  const ApiKey& inactive = portal_.CreateApiKey(user_, {.name = "a"});
  portal_.UpdateApiKey(user_, inactive.id, {.is_active = false});
  EXPECT_EQ(portal_.UseApiKey(inactive.secret), nullptr);
  EXPECT_FALSE(inactive.last_used);

  const ApiKey& expiring = portal_.CreateApiKey(user_, {.name = "b", .expires_in_days = 1});
  clock_.Advance(days(1) - Ticks(1));
  EXPECT_NE(portal_.UseApiKey(expiring.secret), nullptr);
  clock_.Advance(Ticks(1));
  EXPECT_EQ(portal_.UseApiKey(expiring.secret), nullptr);

  const std::string secret = expiring.secret;
  portal_.DeleteApiKey(user_, expiring.id);
  EXPECT_EQ(portal_.UseApiKey(secret), nullptr);
  EXPECT_EQ(portal_.UseApiKey("sk-unknown"), nullptr);
}

TEST_F(PortalTest, CountsCreationsOfANameDeletedOnesIncluded) {
  const std::string id = portal_.CreateApiKey(user_, {.name = "once"}).id;
  portal_.DeleteApiKey(user_, id);
  portal_.CreateApiKey(user_, {.name = "once"});
  EXPECT_EQ(portal_.CreatedWithName("once"), 2);
  EXPECT_EQ(portal_.CreatedWithName("never"), 0);
}

TEST_F(PortalTest, FindsUsersByEmailInAnyCase) {
  EXPECT_EQ(portal_.FindUserByEmail("oWNER@portal.example"), &owner_);
  EXPECT_EQ(portal_.FindUserByEmail("nobody@portal.example"), nullptr);
}

}  // namespace
}  // namespace docspace::emulator
