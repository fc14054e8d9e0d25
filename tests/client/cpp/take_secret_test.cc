#include "client/cpp/take_secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace docspace::apikeys {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TakeSecret, MovesTheSecretOutOfTheAnswer) {
  v1::CreateApiKeyResponse created;
  created.mutable_api_key()->set_id("7");
  created.mutable_api_key()->set_key("sk-planted0123456789abcd");
  EXPECT_EQ(TakeSecret(created).Reveal(), "sk-planted0123456789abcd");
  EXPECT_THAT(created.DebugString(), Not(HasSubstr("planted")));
  EXPECT_EQ(created.api_key().key(), "sk-***abcd");
  EXPECT_EQ(created.api_key().id(), "7");
}

TEST(TakeSecret, IsEmptyIfThereIsNone) {
  v1::CreateApiKeyResponse created;
  EXPECT_EQ(TakeSecret(created).Reveal(), "");
  EXPECT_FALSE(created.has_api_key());
  created.mutable_api_key()->set_key("sk-***abcd");
  EXPECT_EQ(TakeSecret(created).Reveal(), "");
  created.mutable_api_key()->set_key("x");
  EXPECT_EQ(TakeSecret(created).Reveal(), "x");
}

}  // namespace
}  // namespace docspace::apikeys
