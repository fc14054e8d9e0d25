// Which of the caller's metadata and the portal's headers the gateway forwards, and which it never
// does.
#include <gmock/gmock.h>

#include <set>

#include "tests/e2e/end_to_end.h"
#include "tests/testkit/raw_http2_client.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr const char* kTraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr const char* kPath = "/docspace.apikeys.v1.ApiKeys/GetApiKeys";

class MetadataTest : public EndToEndTest {
 protected:
  Metadata With(Metadata more) {
    for (const auto& pair : ApiKeyOf(Role::kOwner)) more.push_back(pair);
    return more;
  }

  emulator::Request Last() { return portal().Requests().back(); }
};

std::multiset<std::string> NamesOf(const emulator::Request& request) {
  std::multiset<std::string> names;
  for (const emulator::Header& header : request.headers) {
    std::string name = header.name;
    std::transform(name.begin(), name.end(), name.begin(), ::tolower);
    names.insert(name);
  }
  return names;
}

TEST_F(MetadataTest, G4_ThePortalGetsTheseHeadersAndNoOthers) {
  const Metadata metadata = With({{"traceparent", kTraceParent},
                                  {"tracestate", "vendor=1"},
                                  {"accept-language", "de"},
                                  {"x-forwarded-for", "10.0.0.1"},
                                  {"x-forwarded-host", "other.example"},
                                  {"x-forwarded-proto", "https"},
                                  {"x-real-ip", "10.0.0.1"},
                                  {"forwarded", "for=10.0.0.1"},
                                  {"origin", "https://other.example"},
                                  {"referer", "https://other.example"},
                                  {"x-http-method-override", "DELETE"},
                                  {"transfer-encoding", "chunked"},
                                  {"expect", "100-continue"},
                                  {"accept-encoding", "gzip"},
                                  {"x-custom", "1"}});
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, metadata).ok());
  EXPECT_THAT(
      NamesOf(Last()),
      UnorderedElementsAre("host", "user-agent", "accept-encoding", "accept", "x-request-id",
                           "traceparent", "tracestate", "accept-language", "authorization"));
  EXPECT_TRUE(Call(Rpc::kCreateApiKey, metadata).ok());
  EXPECT_THAT(NamesOf(Last()),
              UnorderedElementsAre("host", "user-agent", "accept-encoding", "accept",
                                   "x-request-id", "traceparent", "tracestate", "accept-language",
                                   "authorization", "content-type", "content-length"));
  EXPECT_EQ(Last().Find("Host"), "127.0.0.1:" + std::to_string(portal().port()));
  EXPECT_EQ(Last().Find("Accept"), "application/json");
  EXPECT_EQ(Last().Find("Accept-Encoding"), "identity");
  EXPECT_EQ(Last().Find("Content-Type"), "application/json");
  EXPECT_EQ(Last().Find("traceparent"), kTraceParent);
  EXPECT_EQ(Last().Find("tracestate"), "vendor=1");
  EXPECT_EQ(Last().Find("Accept-Language"), "de");
}

TEST_F(MetadataTest, ARequestIdIsForwardedAndReturned) {
  const CallResult outcome = Call(Rpc::kGetApiKeys, With({{"x-request-id", "caller-1:a.b_c"}}));
  EXPECT_EQ(outcome.trailer("x-request-id"), "caller-1:a.b_c");
  EXPECT_THAT(Last().All("X-Request-Id"), ElementsAre("caller-1:a.b_c"));
}

TEST_F(MetadataTest, ARequestIdIsMadeWhereThereIsNone) {
  const std::string first = Call(Rpc::kGetApiKeys, With({})).trailer("x-request-id");
  EXPECT_THAT(first, MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(Last().Find("X-Request-Id"), first);
  const std::string second =
      Call(Rpc::kGetApiKeys, With({{"x-request-id", "not an id"}})).trailer("x-request-id");
  EXPECT_THAT(second, MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(first, second);
}

TEST_F(MetadataTest, G11_ThePortalsCookiesAndServerHeadersStayBehind) {
  portal().FailNext({.status = 200,
                     .body = emulator::Fault::Body::kVerbatim,
                     .text = R"({"response": []})",
                     .headers = {{"Set-Cookie", "asc_auth_key=planted-cookie"},
                                 {"X-RateLimit-Limit", "100"},
                                 {"Server", "openresty"}}});
  ForbidInOutput("planted-cookie");
  const CallResult outcome = Call(Rpc::kGetApiKeys, With({}));
  std::set<std::string> names;
  for (const auto& [name, value] : outcome.trailers) names.insert(name);
  EXPECT_THAT(names, UnorderedElementsAre("x-request-id", "x-ratelimit-limit"));
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, With({})).ok());
  EXPECT_THAT(Last().All("Cookie"), IsEmpty());
  // A cookie from the portal does not replace the one that a caller sends.
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, SessionOf(Role::kUser)).ok());
  EXPECT_THAT(Last().All("Cookie"),
              ElementsAre("asc_auth_key=" + portal().user(Role::kUser).session_token));
}

class OneConnectionTest : public MetadataTest {
  void Configure(Config& config) override {
    config.threads = 1;
    config.portal.pool.max_connections = 1;
  }
};

// Such a scheme authenticates the connection, so the next caller on it would be authenticated too.
TEST_F(OneConnectionTest, G11_AChallengeThatAuthenticatesTheConnectionClosesIt) {
  const auto connection_after = [this](const std::vector<emulator::Header>& challenges) {
    portal().FailNext({.status = 401, .headers = challenges});
    const CallResult refused = Call(Rpc::kGetApiKeys, With({}));
    EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << refused;
    EXPECT_EQ(refused.trailer("www-authenticate"), "");
    const std::uint64_t challenged = Last().connection;
    EXPECT_TRUE(Call(Rpc::kGetApiKeys, With({})).ok());
    return Last().connection == challenged ? std::string("kept") : "closed";
  };
  EXPECT_EQ(connection_after({{"WWW-Authenticate", "Basic realm=\"portal\""}}), "kept");
  EXPECT_EQ(connection_after({{"WWW-Authenticate", "Negotiate"}}), "closed");
  EXPECT_EQ(connection_after({{"WWW-Authenticate", "NTLM"}}), "closed");
  EXPECT_EQ(connection_after({{"WWW-Authenticate", "Basic realm=\"a\", Negotiate YII="}}),
            "closed");
  EXPECT_EQ(connection_after({{"WWW-Authenticate", "Basic"}, {"WWW-Authenticate", "ntlm"}}),
            "closed");
}

// Values that gRPC's client refuses to send but gRPC's server accepts.
const std::string kOctets[] = {"\r\nX-Injected: 1",
                               "\nX-Injected: 1",
                               "\r",
                               "\n",
                               std::string(1, '\0'),
                               "\x80",
                               "\xff",
                               "\x7f"};

TEST_F(MetadataTest, G4_NoOctetOfACredentialBreaksOut) {
  RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
  std::size_t calls = 0;
  for (const std::string& octets : kOctets) {
    const std::string token = "planted" + octets + "planted";
    const RawHttp2Client::Headers credentials = {
        {"authorization", "Bearer " + token}, {"authorization", "Basic " + token},
        {"apikeybearer", "sk-" + token},      {"asc_auth_key", token},
        {"cookie", "asc_auth_key=" + token},  {"cookie", "a=b" + octets + "; asc_auth_key=a"}};
    for (const auto& credential : credentials) {
      ASSERT_TRUE(client.WaitForEnd(client.Call(kPath, {credential})));
      ++calls;
    }
  }
  ForbidInOutput("planted");
  EXPECT_EQ(portal().request_count(), 0U);
  const auto lines = gateway().log().RpcLines();
  EXPECT_THAT(lines, SizeIs(calls));
  for (const auto& line : lines) EXPECT_EQ(line.at("reason"), "CREDENTIALS_INVALID");
}

TEST_F(MetadataTest, G4_NoOctetOfForwardedMetadataBreaksOut) {
  const std::string key = portal().user(Role::kOwner).api_key;
  for (const std::string& octets : kOctets) {
    // A new connection is needed because it can take 64 KiB of responses only: this client never
    // opens its window.
    RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
    for (const auto& [name, value] : RawHttp2Client::Headers{{"x-request-id", "id"},
                                                             {"traceparent", kTraceParent},
                                                             {"tracestate", "a=1"},
                                                             {"accept-language", "de"}}) {
      RawHttp2Client::Headers headers = {{"apikeybearer", key}, {name, value + octets}};
      if (name == "tracestate") headers.emplace_back("traceparent", kTraceParent);
      ASSERT_TRUE(client.WaitForEnd(client.Call(kPath, headers)));
      for (const emulator::Header& header : Last().headers) {
        EXPECT_NE(header.name, "X-Injected");
        EXPECT_THAT(header.value, Not(HasSubstr(octets)));
      }
      const std::string forwarded = Last().Find(name);
      EXPECT_TRUE(forwarded.empty() || name == "x-request-id") << name << ": " << forwarded;
    }
  }
}

// gRPC's own client does not send these headers.
TEST_F(MetadataTest, G4_ACallersHeadersOfHttpNeverReachThePortal) {
  const std::string key = portal().user(Role::kOwner).api_key;
  std::size_t answered = 0;
  for (const auto& [name, value] : RawHttp2Client::Headers{{"host", "other.example"},
                                                           {"Host", "other.example"},
                                                           {"content-length", "7"},
                                                           {"transfer-encoding", "chunked"},
                                                           {"connection", "close"},
                                                           {"keep-alive", "timeout=1"},
                                                           {"upgrade", "h2c"},
                                                           {"expect", "100-continue"},
                                                           {"x-forwarded-for", "10.0.0.1"},
                                                           {"x-forwarded-host", "other.example"},
                                                           {"x-real-ip", "10.0.0.1"},
                                                           {"forwarded", "for=10.0.0.1"}}) {
    RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
    answered +=
        client.WaitForEnd(client.Call(kPath, {{"apikeybearer", key}, {name, value}})) ? 1 : 0;
  }
  EXPECT_GE(answered, 6U);
  EXPECT_THAT(portal().Requests(), Not(IsEmpty()));
  for (const emulator::Request& request : portal().Requests()) {
    EXPECT_THAT(request.All("Host"), ElementsAre("127.0.0.1:" + std::to_string(portal().port())));
    EXPECT_THAT(NamesOf(request), UnorderedElementsAre("host", "user-agent", "accept-encoding",
                                                       "accept", "x-request-id", "authorization"));
  }
}

TEST_F(MetadataTest, G4_AValueOf100KibReachesNoPortal) {
  const std::string huge(100 * 1024, 'h');
  ForbidInOutput(huge);
  const Metadata values[] = {{{"authorization", "Bearer " + huge}},
                             {{"apikeybearer", "sk-" + huge}},
                             {{"asc_auth_key", huge}},
                             {{"cookie", "asc_auth_key=" + huge}},
                             With({{"x-request-id", huge}}),
                             With({{"tracestate", huge}}),
                             With({{"x-anything", huge}})};
  // gRPC closes the connection on which such a value arrives, possibly during the next call.
  const auto answer_to = [this](const Metadata& metadata) {
    CallResult outcome;
    EXPECT_TRUE(WaitUntil([&] {
      outcome = Call(Rpc::kGetApiKeys, metadata);
      return outcome.status.error_code() != grpc::StatusCode::UNAVAILABLE;
    }));
    return outcome;
  };
  for (const Metadata& metadata : values) {
    const CallResult outcome = answer_to(metadata);
    EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << outcome;
    // This client respects no limit of the gateway.
    RawHttp2Client client(static_cast<std::uint16_t>(gateway().gateway().port()));
    client.WaitForEnd(client.Call(kPath, metadata));
  }
  EXPECT_EQ(portal().request_count(), 0U);
  EXPECT_TRUE(answer_to(With({})).ok());
}

}  // namespace
}  // namespace docspace::gateway::testkit
