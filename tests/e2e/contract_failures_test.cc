// The failure table of the REST contract, row by row, as a caller sees it.
#include <gmock/gmock.h>

#include "tests/e2e/end_to_end.h"
#include "tests/testkit/error_matchers.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.
using emulator::Fault;
using grpc::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class ContractFailuresTest : public EndToEndTest {
 protected:
  static void Expect(const CallResult& outcome, StatusCode code, const std::string& reason,
                     const std::string& message) {
    EXPECT_THAT(outcome, IsError(code, reason));
    EXPECT_THAT(outcome.status.error_message(), HasSubstr(message));
  }

  CallResult Create(const std::string& name, std::optional<int> days = {},
                    const std::vector<std::string>& permissions = {}) {
    CreateApiKeyRequest request;
    request.set_name(name);
    if (days) request.set_expires_in_days(*days);
    for (const std::string& permission : permissions) request.add_permissions(permission);
    return Call(request, ApiKeyOf(Role::kOwner));
  }

  UpdateApiKeyRequest Rename(const std::string& key_id) {
    UpdateApiKeyRequest request;
    request.set_key_id(key_id);
    request.set_name("Renamed");
    return request;
  }
};

// 401.

TEST_F(ContractFailuresTest, WrongCredentialsAreUnauthenticated) {
  ForbidInOutput("d3Jvbmc6cGFzc3dvcmQ=");
  ForbidInOutput("sk-wrong");
  const Metadata wrong[] = {
      {{"authorization", "Basic d3Jvbmc6cGFzc3dvcmQ="}},  // The response has WWW-Authenticate.
      {{"authorization", "Bearer sk-wrong"}},
      {{"asc_auth_key", "sk-wrong"}},  // The response has Set-Cookie.
      BearerOf(portal().MintToken(Role::kOwner, {"openid"}, std::chrono::seconds(-1)))};
  for (const Metadata& metadata : wrong) {
    for (const Rpc rpc : kRpcs) {
      const CallResult outcome = Call(rpc, metadata);
      Expect(outcome, StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED", "credential");
      EXPECT_EQ(outcome.metadata("http_status"), "401");
      EXPECT_THAT(outcome.trailer("www-authenticate"), IsEmpty());
    }
  }
}

TEST_F(ContractFailuresTest, UnauthorizedWithErrorJsonIsUnauthenticated) {
  portal().FailNext({.status = 401, .body = Fault::Body::kErrorJson, .text = "Unauthorized"});
  const CallResult outcome = Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner));
  Expect(outcome, StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED", "credential");
  EXPECT_EQ(outcome.metadata("upstream_type"), "System.Exception");
}

TEST_F(ContractFailuresTest, AnInactiveKeyIsUnauthenticated) {
  const emulator::ApiKey key = portal().SeedKey(Role::kOwner, {.name = "Switched off"});
  UpdateApiKeyRequest request;
  request.set_key_id(key.id);
  request.set_is_active(false);
  EXPECT_TRUE(Call(request, ApiKeyOf(Role::kOwner)).response.updated());
  Expect(Call(Rpc::kGetApiKey, BearerOf(key.secret)), StatusCode::UNAUTHENTICATED,
         "UNAUTHENTICATED", "credential");
}

TEST_F(ContractFailuresTest, AnExpiredKeyIsUnauthenticated) {
  const emulator::ApiKey key =
      portal().SeedKey(Role::kOwner, {.name = "Short", .expires_in_days = 1});
  EXPECT_TRUE(Call(Rpc::kGetApiKey, BearerOf(key.secret)).ok());
  portal().AdvanceTime(std::chrono::hours(25));
  Expect(Call(Rpc::kGetApiKey, BearerOf(key.secret)), StatusCode::UNAUTHENTICATED,
         "UNAUTHENTICATED", "credential");
}

// 403.

TEST_F(ContractFailuresTest, AKeyOfTooSmallAScopeIsDenied) {
  const emulator::ApiKey reader =
      portal().SeedKey(Role::kOwner, {.name = "Reader", .permissions = {{"*:read"}}});
  Expect(Call(Rpc::kCreateApiKey, BearerOf(reader.secret)), StatusCode::PERMISSION_DENIED,
         "ACCESS_DENIED", "does not allow");
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, BearerOf(reader.secret)).ok());
}

TEST_F(ContractFailuresTest, ATokenOfTooSmallAScopeIsDenied) {
  const Metadata files = BearerOf(portal().MintToken(Role::kOwner, {"files:read"}));
  Expect(Call(Rpc::kGetApiKeys, files), StatusCode::PERMISSION_DENIED, "ACCESS_DENIED",
         "does not allow");
}

TEST_F(ContractFailuresTest, AGuestMayNotCreate) {
  const CallResult outcome = Call(Rpc::kCreateApiKey, BasicOf(Role::kGuest));
  Expect(outcome, StatusCode::PERMISSION_DENIED, "ACCESS_DENIED", "Access denied");
  EXPECT_EQ(outcome.metadata("upstream_type"), "System.Security.SecurityException");
}

TEST_F(ContractFailuresTest, DeveloperToolsMayBeForAdministratorsOnly) {
  portal().SetConditions({.developer_tools_limited = true});
  Expect(Call(Rpc::kCreateApiKey, BasicOf(Role::kUser)), StatusCode::PERMISSION_DENIED,
         "ACCESS_DENIED", "");
  EXPECT_TRUE(Call(Rpc::kCreateApiKey, BasicOf(Role::kDocSpaceAdmin)).ok());
}

TEST_F(ContractFailuresTest, AnAddressOutsideTheAllowListIsTheGatewaysAndSaidInThePortalsWords) {
  for (const auto body : {Fault::Body::kText, Fault::Body::kBareString}) {
    for (const char* words : {"Your IP address is not allowed", "gateway's address"}) {
      portal().FailNext({.status = 403, .body = body, .text = "Your IP address is not allowed"});
      Expect(Call(Rpc::kCreateApiKey, ApiKeyOf(Role::kOwner)), StatusCode::PERMISSION_DENIED,
             "ADDRESS_NOT_ALLOWED", words);
    }
  }
}

TEST_F(ContractFailuresTest, APortalBeingRestoredIsBusyButForTheKeyItself) {
  portal().SetConditions({.restoring = true});
  for (const Rpc rpc : kRpcs) {
    const CallResult outcome = Call(rpc, ApiKeyOf(Role::kOwner));
    if (rpc == Rpc::kGetApiKey) {
      EXPECT_TRUE(outcome.ok()) << outcome;
    } else {
      Expect(outcome, StatusCode::UNAVAILABLE, "PORTAL_BUSY", "restored");
    }
  }
}

TEST_F(ContractFailuresTest, APortalThatDoesNotKnowTheGatewaysAddressSaysSo) {
  portal().SetConditions({.address_refused = true});
  for (const Rpc rpc : kRpcs) {
    Expect(Call(rpc, BasicOf(Role::kUser)), StatusCode::PERMISSION_DENIED, "ADDRESS_NOT_ALLOWED",
           "gateway's address");
  }
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, BasicOf(Role::kOwner)).ok());
}

TEST_F(ContractFailuresTest, AnOAuth2ServiceThatIsDownIsAFailureOfThePortal) {
  portal().SetConditions({.oauth2_down = true});
  Expect(Call(Rpc::kGetApiKeys, BearerOf(portal().MintToken(Role::kOwner, {"files:read"}))),
         StatusCode::INTERNAL, "UPSTREAM_ERROR", "failed");
}

TEST_F(ContractFailuresTest, AnOAuth2TokenOfThePortalIsToldThatItCannotBeUsed) {
  const Metadata token = BearerOf(portal().MintToken(Role::kOwner, {"files:read"}));
  for (const Rpc rpc : kRpcs) {
    if (rpc == Rpc::kGetApiKey) continue;
    Expect(Call(rpc, token), StatusCode::PERMISSION_DENIED, "ACCESS_DENIED", "OAuth2");
  }
  Expect(Call(Rpc::kGetApiKey, token), StatusCode::FAILED_PRECONDITION,
         "CREDENTIAL_IS_NOT_AN_API_KEY", "API key");
}

TEST_F(ContractFailuresTest, AMalformedTokenIsUnauthenticatedInEachRpc) {
  for (const Rpc rpc : kRpcs) {
    Expect(Call(rpc, BearerOf("planted.planted.planted")), StatusCode::UNAUTHENTICATED,
           "UNAUTHENTICATED", "not a valid JWT");
  }
}

TEST_F(ContractFailuresTest, ACredentialTooLongForThePortalsProxyIsARequestTooLarge) {
  const std::string token(std::size_t{9} * 1024, 't');
  for (const Rpc rpc : kRpcs) {
    Expect(Call(rpc, BearerOf(token)), StatusCode::RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE",
           "larger than the portal takes");
  }
}

class OldPortalTest : public ContractFailuresTest {
  emulator::EmulatorOptions PortalOptions() override {
    return {.api = {.generation = emulator::Generation::k32}};
  }
};

TEST_F(OldPortalTest, RefusesAGuestBy500AndThatIsDenied) {
  const CallResult outcome = Call(Rpc::kCreateApiKey, BasicOf(Role::kGuest));
  Expect(outcome, StatusCode::PERMISSION_DENIED, "ACCESS_DENIED", "");
  EXPECT_EQ(outcome.metadata("http_status"), "500");
  EXPECT_EQ(outcome.metadata("upstream_type"), "System.UnauthorizedAccessException");
}

class AnotherPortalTest : public ContractFailuresTest {
  emulator::EmulatorOptions PortalOptions() override { return {.api = {.host = "portal.example"}}; }
};

TEST_F(AnotherPortalTest, IsNotFoundByAnApiKey) {
  for (const Rpc rpc : {Rpc::kCreateApiKey, Rpc::kGetApiKeys}) {
    Expect(Call(rpc, ApiKeyOf(Role::kOwner)), StatusCode::NOT_FOUND, "PORTAL_OR_ROUTE_NOT_FOUND",
           "no such portal");
    Expect(Call(rpc, BasicOf(Role::kOwner)), StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED", "");
  }
}

TEST_F(ContractFailuresTest, AFailureInThePortalIsNoRefusal) {
  portal().FailNext({.status = 403, .body = Fault::Body::kVerbatim, .text = R"({"error": {
      "message": "The connection is closed", "type": "System.InvalidOperationException",
      "stack": "   at ASC.Core", "hresult": -2146233079}, "status": 1, "statusCode": 403})"});
  Expect(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)), StatusCode::INTERNAL, "UPSTREAM_ERROR",
         "failed");
}

TEST_F(ContractFailuresTest, ABasicCredentialThatIsNotUserAndPasswordNeverReachesThePortal) {
  for (const char* token :
       {"cGxhbnRlZA==", "planted", "cGxhbnRlZDpwbGFudGVk=", "cGxhbnRlZDpwbGFudGVk-"}) {
    ForbidInOutput(token);
    for (const Rpc rpc : kRpcs) {
      Expect(Call(rpc, Metadata{{"authorization", std::string("Basic ") + token}}),
             StatusCode::INVALID_ARGUMENT, "CREDENTIALS_INVALID", "base64 of user:password");
    }
  }
  EXPECT_EQ(portal().request_count(), 0U);
}

TEST_F(ContractFailuresTest, TextOfThePortalMisleadsNobody) {
  for (const auto body : {Fault::Body::kErrorJson, Fault::Body::kValidationJson}) {
    portal().FailNext({.status = 400, .body = body, .text = "No\u202e\u200b\u2066 way\u00ad"});
    const CallResult outcome = Create("Key");
    EXPECT_EQ(outcome.status.error_message(), "No way");
    for (const auto& [field, description] : outcome.violations()) {
      EXPECT_EQ(description, "No way");
    }
  }
}

// 400.

TEST_F(ContractFailuresTest, G6_ABadNameIsAViolationOfName) {
  for (const std::string name : {"", " "}) {
    const CallResult outcome = Create(name);
    Expect(outcome, StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", "The Name field is required.");
    EXPECT_THAT(outcome.violations(), ElementsAre(Pair("name", "The Name field is required.")));
  }
  const CallResult outcome = Create(std::string(31, 'n'));
  Expect(outcome, StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", "less than 30");
  EXPECT_THAT(outcome.violations(),
              ElementsAre(Pair("name", "Incorrect name. Length must be less than 30")));
  EXPECT_EQ(outcome.metadata("http_status"), "400");
}

TEST_F(ContractFailuresTest, G6_BadDaysAreAViolationOfExpiresInDays) {
  for (const int days : {0, 366, -1, std::numeric_limits<int>::max()}) {
    const CallResult outcome = Create("Key", days);
    Expect(outcome, StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", "between 1 and 365");
    EXPECT_THAT(outcome.violations(), ElementsAre(Pair("expires_in_days", HasSubstr("365"))));
  }
}

TEST_F(ContractFailuresTest, AMissingNameIsAViolationOfName) {
  portal().FailNext({.status = 400, .body = Fault::Body::kVerbatim, .text = R"({"response":{
      "title": "One or more validation errors occurred.", "status": 400, "errors": {"$": [
      "JSON deserialization for type 'CreateApiKeyRequestDto' was missing required properties including: 'name'."
      ]}, "traceId": "00-4bf92f35-00"}, "count": 1, "status": 1, "statusCode": 400})"});
  const CallResult outcome = Create("Key");
  Expect(outcome, StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", "missing required properties");
  EXPECT_THAT(outcome.violations(), ElementsAre(Pair("name", HasSubstr("'name'"))));
}

TEST_F(ContractFailuresTest, AnUnknownPermissionIsInvalid) {
  Expect(Create("Key", {}, {"everything"}), StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST",
         "Permissions are not valid.");
}

TEST_F(ContractFailuresTest, SelfNeedsAnApiKey) {
  const CallResult by_cookie = Call(Rpc::kGetApiKey, SessionOf(Role::kOwner));
  Expect(by_cookie, StatusCode::FAILED_PRECONDITION, "CREDENTIAL_IS_NOT_AN_API_KEY", "API key");
  EXPECT_EQ(by_cookie.metadata("http_status"), "400");
  const CallResult by_password = Call(Rpc::kGetApiKey, BasicOf(Role::kOwner));
  Expect(by_password, StatusCode::FAILED_PRECONDITION, "CREDENTIAL_IS_NOT_AN_API_KEY", "API key");
  EXPECT_EQ(by_password.metadata("http_status"), "500");
}

// 404, and the responses that the portal gives instead of it.

TEST_F(ContractFailuresTest, AKeyIdThatIsNoGuidNeverReachesThePortal) {
  UpdateApiKeyRequest request = Rename("not-a-guid");
  const CallResult outcome = Call(request, ApiKeyOf(Role::kOwner));
  Expect(outcome, StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", "GUID");
  EXPECT_THAT(outcome.violations(), ElementsAre(Pair("key_id", HasSubstr("GUID"))));
  EXPECT_EQ(portal().request_count(), 0U);
}

TEST_F(ContractFailuresTest, AnUnknownKeyIsNotFound) {
  const std::string unknown = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
  const CallResult update = Call(Rename(unknown), ApiKeyOf(Role::kOwner));
  Expect(update, StatusCode::NOT_FOUND, "KEY_NOT_FOUND", "no key with this id");
  EXPECT_EQ(update.metadata("http_status"), "500");
  EXPECT_EQ(update.metadata("upstream_type"), "System.NullReferenceException");
  DeleteApiKeyRequest request;
  request.set_key_id(unknown);
  Expect(Call(request, ApiKeyOf(Role::kOwner)), StatusCode::NOT_FOUND, "KEY_NOT_FOUND",
         "no key with this id");
}

TEST_F(ContractFailuresTest, SomebodyElsesKeyIsNotChangedAndThatIsNoError) {
  const std::string key_id = portal().user(Role::kOwner).api_key_id;
  const auto update = Call(Rename(key_id), ApiKeyOf(Role::kUser));
  EXPECT_TRUE(update.ok()) << update;
  EXPECT_FALSE(update.response.updated());
  DeleteApiKeyRequest request;
  request.set_key_id(key_id);
  const auto deletion = Call(request, ApiKeyOf(Role::kUser));
  EXPECT_TRUE(deletion.ok()) << deletion;
  EXPECT_FALSE(deletion.response.deleted());
}

TEST_F(ContractFailuresTest, AnExpiredKeyIsNotChangedAndThatIsNoError) {
  const emulator::ApiKey key =
      portal().SeedKey(Role::kOwner, {.name = "Short", .expires_in_days = 1});
  portal().AdvanceTime(std::chrono::hours(25));
  const auto update = Call(Rename(key.id), ApiKeyOf(Role::kOwner));
  EXPECT_TRUE(update.ok()) << update;
  EXPECT_FALSE(update.response.updated());
}

TEST_F(ContractFailuresTest, AnUnknownPortalIsNotFound) {
  for (const auto body : {Fault::Body::kProblemJson, Fault::Body::kEmpty}) {
    portal().FailNext({.status = 404, .body = body});
    Expect(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)), StatusCode::NOT_FOUND,
           "PORTAL_OR_ROUTE_NOT_FOUND", "no such portal");
  }
}

// 402, 429.

TEST_F(ContractFailuresTest, AnUnpaidSubscriptionIsAFailedPrecondition) {
  for (const auto body : {Fault::Body::kProblemJson, Fault::Body::kEmpty}) {
    portal().FailNext({.status = 402, .body = body});
    Expect(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)), StatusCode::FAILED_PRECONDITION,
           "PAYMENT_REQUIRED", "not paid");
  }
}

class RateLimitedTest : public ContractFailuresTest {
  emulator::EmulatorOptions PortalOptions() override {
    return {.api = {.limits = {.creations_per_15_minutes = 5, .changes_per_day = 7}},
            .now = emulator::Time(std::chrono::hours(24) * 20'000)};
  }
};

TEST_F(RateLimitedTest, TheSixthCreationIsNamedWithItsLimit) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Create("Key").ok());
  portal().AdvanceTime(std::chrono::minutes(5));
  const CallResult outcome = Create("Key");
  Expect(outcome, StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED", "rate limit");
  EXPECT_EQ(outcome.trailer("x-ratelimit-limit"), "5");
  EXPECT_EQ(outcome.trailer("x-ratelimit-remaining"), "0");
  EXPECT_EQ(outcome.trailer("retry-after"), "");
  EXPECT_EQ(outcome.trailer("x-ratelimit-reset"), "");
  const auto retry = outcome.Find<google::rpc::RetryInfo>();
  ASSERT_TRUE(retry) << outcome;
  EXPECT_EQ(retry->retry_delay().seconds(), 900);
  portal().AdvanceTime(std::chrono::minutes(10));
  EXPECT_TRUE(Create("Key").ok());
}

TEST_F(RateLimitedTest, TheDailyLimitSaysWhenToTryAgain) {
  const std::string key_id = KeyId();
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(Call(Rename(key_id), ApiKeyOf(Role::kOwner)).ok());
  portal().AdvanceTime(std::chrono::hours(24) - std::chrono::minutes(10));
  const CallResult outcome = Call(Rename(key_id), ApiKeyOf(Role::kOwner));
  Expect(outcome, StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED", "rate limit");
  ASSERT_THAT(outcome, HasDetail<google::rpc::RetryInfo>());
  EXPECT_EQ(outcome.Find<google::rpc::RetryInfo>()->retry_delay().seconds(), 600);
  ASSERT_THAT(outcome, HasDetail<google::rpc::QuotaFailure>());
  EXPECT_THAT(outcome.Find<google::rpc::QuotaFailure>()->violations(0).description(),
              HasSubstr("limit 7, remaining 0"));
  EXPECT_EQ(outcome.trailer("grpc-retry-pushback-ms"), "600000");
  EXPECT_EQ(outcome.trailer("retry-after"), "600");
  EXPECT_EQ(outcome.trailer("x-ratelimit-limit"), "7");
  EXPECT_EQ(outcome.trailer("x-ratelimit-remaining"), "0");
  EXPECT_NE(outcome.trailer("x-ratelimit-reset"), "");
  portal().AdvanceTime(std::chrono::minutes(10));
  EXPECT_TRUE(Create("Key").ok());
}

TEST_F(ContractFailuresTest, ALimitWithoutRetryAfterIsKnownByItsNumber) {
  for (const auto& [limit, seconds] :
       {std::pair("5", 900), {"15", 1}, {"50", 1}, {"1500", 60}, {"7", 0}}) {
    portal().FailNext(
        {.status = 429, .headers = {{"X-RateLimit-Limit", limit}, {"X-RateLimit-Remaining", "0"}}});
    const CallResult outcome = Create("Key");
    Expect(outcome, StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED", "rate limit");
    const auto retry = outcome.Find<google::rpc::RetryInfo>();
    EXPECT_EQ(retry ? retry->retry_delay().seconds() : 0, seconds) << limit;
    EXPECT_EQ(outcome.trailer("grpc-retry-pushback-ms"),
              seconds == 0 ? "" : std::to_string(seconds * 1000));
  }
}

// Calls that the gateway refuses by itself.

class RequirePermissionsTest : public ContractFailuresTest {
  void Configure(Config& config) override { config.require_permissions = true; }
};

TEST_F(RequirePermissionsTest, ACreationWithoutPermissionsNeverReachesThePortal) {
  const CallResult outcome = Create("Key");
  Expect(outcome, StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST", "all rights of its owner");
  EXPECT_THAT(outcome.violations(), ElementsAre(Pair("permissions", HasSubstr("`*`"))));
  EXPECT_EQ(portal().request_count(), 0U);
  EXPECT_TRUE(Create("Key", {}, {"files:read"}).ok());
  EXPECT_TRUE(Create("Key", {}, {"*"}).ok());
  EXPECT_TRUE(Call(Rpc::kUpdateApiKey, ApiKeyOf(Role::kOwner)).ok());
}

// 3xx, 502, 503, 504.

TEST_F(ContractFailuresTest, R14_ARedirectIsNamedAndNotFollowed) {
  for (const int status : {301, 302, 307, 308}) {
    portal().ForgetRequests();
    portal().FailNext(
        {.status = status,
         .body = Fault::Body::kHtml,
         .headers = {{"Location", "http://localhost:" + std::to_string(portal().port()) + "/"}}});
    const CallResult outcome = Call(Rpc::kGetAllPermissions, ApiKeyOf(Role::kOwner));
    Expect(outcome, StatusCode::FAILED_PRECONDITION, "UPSTREAM_REDIRECT", "DOCSPACE_URL");
    EXPECT_THAT(outcome.metadata("location"), HasSubstr("http://localhost:"));
    EXPECT_EQ(portal().Requests().size(), 1U);
  }
}

TEST_F(ContractFailuresTest, R9_AProxysPagesNeverReachTheCaller) {
  for (const int status : {502, 503, 504}) {
    for (const Rpc rpc : kRpcs) {
      portal().FailNext({.status = status, .body = Fault::Body::kHtml});
      const CallResult outcome = Call(rpc, ApiKeyOf(Role::kOwner));
      EXPECT_THAT(outcome.Text(), ::testing::Not(HasSubstr("<"))) << outcome;
      EXPECT_EQ(outcome.metadata("http_status"), std::to_string(status));
    }
  }
}

}  // namespace
}  // namespace docspace::gateway::testkit
