// All six RPCs with every form of every credential scheme, and the credentials that the gateway
// refuses itself.
#include <gmock/gmock.h>

#include "tests/e2e/end_to_end.h"
#include "tests/testkit/error_matchers.h"

namespace docspace::gateway::testkit {
namespace {

using emulator::SeededUser;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Form {
  const char* name;
  Metadata (*metadata)(const SeededUser& user);
  // Returns the Authorization header that the portal must receive.
  std::string (*authorization)(const SeededUser& user);
  std::string (*cookie)(const SeededUser& user);
  enum class Kind {
    kOther,
    kApiKey,
    // A token of the portal's own OAuth2 service. Such tokens may not manage keys.
    kPortalToken,
  };
  Kind kind = Kind::kOther;
};

std::string None(const SeededUser&) { return ""; }

const Form kForms[] = {
    {"Basic",
     [](const SeededUser& user) -> Metadata {
       return {{"authorization", user.Basic()}};
     },
     [](const SeededUser& user) { return user.Basic(); }, None},
    {"BasicInOddCase",
     [](const SeededUser& user) -> Metadata {
       return {{"authorization", "bAsIC  " + user.Basic().substr(6)}};
     },
     [](const SeededUser& user) { return user.Basic(); }, None},
    {"OAuth2",
     [](const SeededUser& user) -> Metadata {
       return {{"authorization", "BEARER " + user.oauth2_token}};
     },
     [](const SeededUser& user) { return "Bearer " + user.oauth2_token; }, None,
     Form::Kind::kPortalToken},
    {"OpenId",
     [](const SeededUser& user) -> Metadata {
       return {{"authorization", "bearer " + user.open_id_token}};
     },
     [](const SeededUser& user) { return "Bearer " + user.open_id_token; }, None,
     Form::Kind::kPortalToken},
    {"SessionTokenAsBearer",
     [](const SeededUser& user) -> Metadata {
       return {{"authorization", "Bearer " + user.session_token}};
     },
     [](const SeededUser& user) { return "Bearer " + user.session_token; }, None},
    {"ApiKeyBearer",
     [](const SeededUser& user) -> Metadata {
       return {{"apikeybearer", user.api_key}};
     },
     [](const SeededUser& user) { return "Bearer " + user.api_key; }, None, Form::Kind::kApiKey},
    {"ApiKeyAsBearer",
     [](const SeededUser& user) -> Metadata {
       return {{"authorization", "bearer " + user.api_key}};
     },
     [](const SeededUser& user) { return "Bearer " + user.api_key; }, None, Form::Kind::kApiKey},
    {"AscAuthKey",
     [](const SeededUser& user) -> Metadata {
       return {{"asc_auth_key", user.session_token}};
     },
     None, [](const SeededUser& user) { return "asc_auth_key=" + user.session_token; }},
    {"CookieAmongOthers",
     [](const SeededUser& user) -> Metadata {
       return {{"cookie", "theme=dark; asc_auth_key=" + user.session_token + "; id=7"}};
     },
     None, [](const SeededUser& user) { return "asc_auth_key=" + user.session_token; }},
};

class CredentialFormTest : public EndToEndTest,
                           public ::testing::WithParamInterface<std::tuple<Form, Rpc>> {};

TEST_P(CredentialFormTest, ReachesThePortalAsTheOneCredential) {
  const auto& [form, rpc] = GetParam();
  const SeededUser& user = portal().user(Role::kOwner);
  const CallResult outcome = Call(rpc, form.metadata(user));
  if (rpc == Rpc::kGetApiKey && form.kind != Form::Kind::kApiKey) {
    EXPECT_THAT(outcome,
                IsError(grpc::StatusCode::FAILED_PRECONDITION, "CREDENTIAL_IS_NOT_AN_API_KEY"));
  } else if (form.kind == Form::Kind::kPortalToken) {
    EXPECT_THAT(outcome, IsError(grpc::StatusCode::PERMISSION_DENIED, "ACCESS_DENIED"));
  } else {
    EXPECT_TRUE(outcome.ok()) << outcome;
  }
  ASSERT_EQ(portal().Requests().size(), 1U);
  const emulator::Request request = portal().Requests().front();
  const std::string authorization = form.authorization(user);
  const std::string cookie = form.cookie(user);
  using Values = std::vector<std::string>;
  EXPECT_EQ(request.All("Authorization"), authorization.empty() ? Values{} : Values{authorization});
  EXPECT_EQ(request.All("Cookie"), cookie.empty() ? Values{} : Values{cookie});
  EXPECT_THAT(request.All("ApiKeyBearer"), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(SixRpcs, CredentialFormTest,
                         ::testing::Combine(::testing::ValuesIn(kForms),
                                            ::testing::ValuesIn(kRpcs)),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param).name) + "By" +
                                  std::string(RouteOf(std::get<1>(test.param)).name);
                         });

struct Refusal {
  const char* name;
  Metadata metadata;
  grpc::StatusCode code = grpc::StatusCode::INVALID_ARGUMENT;
  const char* reason = "CREDENTIALS_INVALID";
};

const Refusal kRefusals[] = {
    {"None", {}, grpc::StatusCode::UNAUTHENTICATED, "CREDENTIALS_MISSING"},
    {"OtherCookiesOnly",
     {{"cookie", "theme=dark; session=planted-0"}},
     grpc::StatusCode::UNAUTHENTICATED,
     "CREDENTIALS_MISSING"},
    {"TwoDifferentOnes", {{"authorization", "Bearer planted-1"}, {"asc_auth_key", "planted-2"}}},
    {"TwoOfOneName",
     {{"authorization", "Bearer planted-1"}, {"authorization", "Basic cGxhbnRlZDoy"}}},
    {"TwoOfOneNameAndScheme",
     {{"authorization", "Bearer planted-1"}, {"authorization", "Bearer planted-2"}}},
    {"OneGoodAndOneEmpty", {{"authorization", "Bearer planted-1"}, {"authorization", ""}}},
    {"TwoDifferentCookies", {{"cookie", "asc_auth_key=planted-1; asc_auth_key=planted-2"}}},
    {"AnotherScheme", {{"authorization", "Digest planted-1"}}},
    {"SchemeOnly", {{"authorization", "Bearer"}}},
    {"TokenOnly", {{"authorization", "planted-1"}}},
    {"NotAnApiKey", {{"apikeybearer", "planted-1"}}},
    {"SemicolonInTheToken", {{"asc_auth_key", "planted-1; admin=1"}}},
    {"SpaceInTheToken", {{"authorization", "Bearer planted-1 planted-2"}}},
    {"CommaInTheToken", {{"authorization", "Bearer planted-1,planted-2"}}},
    {"EmptyCookie", {{"cookie", "asc_auth_key="}}},
};

class RefusedCredentialTest : public EndToEndTest, public ::testing::WithParamInterface<Refusal> {};

TEST_P(RefusedCredentialTest, G4_NeverReachesThePortal) {
  for (const std::string secret : {"planted-0", "planted-1", "planted-2", "cGxhbnQ="}) {
    ForbidInOutput(secret);
  }
  for (const Rpc rpc : kRpcs) {
    const CallResult outcome = Call(rpc, GetParam().metadata);
    EXPECT_THAT(outcome, IsError(GetParam().code, GetParam().reason));
  }
  EXPECT_EQ(portal().request_count(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Metadata, RefusedCredentialTest, ::testing::ValuesIn(kRefusals),
                         [](const auto& test) { return std::string(test.param.name); });

using CredentialsTest = EndToEndTest;

TEST_F(CredentialsTest, G4_TakesTheSameCredentialTwiceAsOne) {
  const SeededUser& user = portal().user(Role::kUser);
  const CallResult outcome = Call(Rpc::kGetApiKeys, {{"apikeybearer", user.api_key},
                                                     {"authorization", "bearer " + user.api_key}});
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_THAT(portal().Requests().front().All("Authorization"),
              ElementsAre("Bearer " + user.api_key));
}

TEST_F(CredentialsTest, G10_AnotherCallersCredentialIsNeverReused) {
  const CallResult first = Call(Rpc::kGetApiKeys, SessionOf(Role::kOwner));
  EXPECT_TRUE(first.ok()) << first;
  const CallResult second = Call(Rpc::kGetApiKeys, {});
  EXPECT_EQ(second.status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(portal().request_count(), 1U);
}

}  // namespace
}  // namespace docspace::gateway::testkit
