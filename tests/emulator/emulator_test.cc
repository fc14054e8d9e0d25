#include "tests/emulator/emulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/json.hpp>
#include <thread>

#include "tests/emulator/test_connection.h"
#include "tests/testkit/reserved_port.h"

namespace docspace::emulator {
namespace {

using gateway::testkit::ReservedPort;
using std::chrono::milliseconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kKeys = "/api/2.0/keys";
constexpr std::string_view kPermissionsPath = "/api/2.0/keys/permissions";
constexpr const char* kEndOfChunks = "\r\n0\r\n\r\n";

std::string Authorization(const SeededUser& user) {
  return "Authorization: " + user.Basic() + "\r\n";
}

std::string Bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }

std::string AsOwner(const Emulator& emulator) { return Authorization(emulator.user(Role::kOwner)); }

std::string BodyOf(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

// Returns the chunks of a chunked body, up to the first incomplete one.
std::vector<std::string> ChunksOf(std::string body) {
  std::vector<std::string> chunks;
  while (true) {
    const std::size_t line = body.find("\r\n");
    if (line == std::string::npos) return chunks;
    const std::size_t size = std::stoul(body, nullptr, 16);
    if (size == 0 || body.size() < line + 2 + size + 2) return chunks;
    chunks.push_back(body.substr(line + 2, size));
    body.erase(0, line + 2 + size + 2);
  }
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string whole;
  for (const std::string& part : parts) whole += part;
  return whole;
}

TEST(Emulator, HandsOutCredentialsThatWork) {
  const auto emulator = Emulator::Start();
  for (const SeededUser& user : emulator->users()) {
    std::vector<std::string> credentials = {Authorization(user), Bearer(user.session_token),
                                            "Cookie: asc_auth_key=" + user.session_token + "\r\n"};
    if (user.role != Role::kGuest) credentials.push_back(Bearer(user.api_key));
    for (const std::string& credential : credentials) {
      EXPECT_THAT(Exchange(emulator->port(), Get(kPermissionsPath, credential)),
                  StartsWith("HTTP/1.1 200 OK\r\n"))
          << ToString(user.role) << " " << credential;
    }
  }
  EXPECT_EQ(emulator->user(Role::kGuest).api_key, "");
}

TEST(Emulator, HandsOutTokensThatWorkBefore37Only) {
  for (const Generation generation : kGenerations) {
    const auto emulator = Emulator::Start({.api = {.generation = generation}});
    const SeededUser& user = emulator->user(Role::kUser);
    for (const std::string& token : {user.oauth2_token, user.open_id_token}) {
      EXPECT_EQ(Exchange(emulator->port(), Get(kKeys, Bearer(token))).substr(9, 3),
                generation < Generation::k37 ? "200" : "403")
          << ToString(generation);
    }
  }
}

TEST(Emulator, IsTheSamePortalForTheSameSeedAndTime) {
  const EmulatorOptions options{.seed = 7, .now = Time(std::chrono::seconds(1'780'000'000))};
  const auto first = Emulator::Start(options);
  const auto second = Emulator::Start(options);
  const std::string request = Get(kKeys, AsOwner(*first));
  EXPECT_EQ(Exchange(first->port(), request), Exchange(second->port(), request));
  EXPECT_NE(Emulator::Start()->user(Role::kOwner).password,
            Emulator::Start()->user(Role::kOwner).password);
}

TEST(Emulator, StreamsAListInSeveralChunks) {
  const auto emulator = Emulator::Start();
  emulator->SeedKeys(Role::kUser, 10'000);
  const std::string answer =
      Exchange(emulator->port(), Get("/api/2.0/keys?fields=name", AsOwner(*emulator)));
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(answer, EndsWith("0\r\n\r\n"));
  const std::vector<std::string> chunks = ChunksOf(BodyOf(answer));
  EXPECT_GT(chunks.size(), 10);
  const boost::json::value envelope = boost::json::parse(Joined(chunks));
  EXPECT_EQ(envelope.at("response").as_array().size(), 10'004);
  EXPECT_EQ(envelope.at("response").at(0).at("name"), "Key 10000");
}

TEST(Emulator, KeepsConnectionsAndNumbersThem) {
  const auto emulator = Emulator::Start();
  TestConnection connection(emulator->port());
  for (int i = 0; i < 3; ++i) {
    connection.Send(Get(kPermissionsPath, AsOwner(*emulator)));
    EXPECT_THAT(connection.ReadUntil(kEndOfChunks), Not(HasSubstr("Connection: close")));
  }
  Exchange(emulator->port(), Get(kPermissionsPath, AsOwner(*emulator)));
  const std::vector<Request> requests = emulator->Requests();
  ASSERT_EQ(requests.size(), 4);
  EXPECT_EQ(requests[0].connection, 1);
  EXPECT_EQ(requests[2].connection, 1);
  EXPECT_EQ(requests[3].connection, 2);
  EXPECT_EQ(emulator->connection_count(), 2);
}

TEST(Emulator, AnswersPipelinedRequestsInOrder) {
  const auto emulator = Emulator::Start();
  TestConnection connection(emulator->port());
  connection.Send(Get("/first", "") + Get(kPermissionsPath, AsOwner(*emulator)));
  EXPECT_THAT(connection.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(connection.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(Emulator, EndsAConnectionAfterItsShareOfRequests) {
  const auto emulator = Emulator::Start({.http = {.requests_per_connection = 2}});
  TestConnection connection(emulator->port());
  const std::string request = Get("/", "");
  connection.Send(request + request + request);
  EXPECT_THAT(connection.ReadUntil("\r\n\r\n"), Not(HasSubstr("Connection: close")));
  EXPECT_THAT(connection.ReadToEnd(), HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(emulator->request_count(), 2);
}

TEST(Emulator, EndsAConnectionAfterAThousandRequests) {
  const auto emulator = Emulator::Start();
  TestConnection connection(emulator->port());
  for (int i = 1; i < 1000; ++i) {
    connection.Send(Get("/", ""));
    ASSERT_THAT(connection.ReadUntil("\r\n\r\n"), Not(HasSubstr("Connection: close")));
  }
  connection.Send(Get("/", ""));
  EXPECT_THAT(connection.ReadToEnd(), HasSubstr("Connection: close\r\n"));
}

TEST(Emulator, EndsAnIdleConnection) {
  const auto emulator = Emulator::Start({.http = {.keep_alive_idle = milliseconds(20)}});
  TestConnection connection(emulator->port());
  EXPECT_EQ(connection.ReadToEnd(), "");
}

TEST(Emulator, RefusesWhatIsNotHttpOrTooLarge) {
  const auto emulator = Emulator::Start({.http = {.maximum_head = 1024, .maximum_body = 1024}});
  const std::pair<std::string, std::string> rows[] = {
      {"GARBAGE\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
      {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
      {Get("/", "Host: other\r\n"), "HTTP/1.1 400 Bad Request\r\n"},
      {Get("/", "No colon\r\n"), "HTTP/1.1 400 Bad Request\r\n"},
      {Get("/", "Content-Length: -1\r\n"), "HTTP/1.1 400 Bad Request\r\n"},
      {Get("/", "X: " + std::string(2000, 'x') + "\r\n"), "HTTP/1.1 400 Bad Request\r\n"},
      {Get("/", "Content-Length: 1025\r\n"), "HTTP/1.1 413 "}};
  for (const auto& [request, start] : rows) {
    TestConnection connection(emulator->port());
    connection.Send(request);
    EXPECT_THAT(connection.ReadToEnd(), StartsWith(start)) << request.substr(0, 60);
  }
  EXPECT_EQ(emulator->request_count(), 0);
}

TEST(Emulator, RefusesALineBeyondEightKibibytesAsItsProxyDoes) {
  const auto emulator = Emulator::Start();
  const auto with_line = [&](std::size_t size) {
    return Exchange(emulator->port(), Get("/", "X: " + std::string(size - 5, 'x') + "\r\n"));
  };
  EXPECT_THAT(with_line(8192), StartsWith("HTTP/1.1 404 "));
  const std::string refusal = with_line(8193);
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n"));
  EXPECT_THAT(refusal, HasSubstr("Request Header Or Cookie Too Large"));
  EXPECT_THAT(refusal, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(Exchange(emulator->port(), Get("/" + std::string(8192, 'x'), "")),
              StartsWith("HTTP/1.1 414 "));
  EXPECT_EQ(emulator->request_count(), 1U);
}

TEST(Emulator, RemembersTheLatestRequests) {
  const auto emulator = Emulator::Start({.request_log = 2});
  for (const char* target : {"/1", "/2", "/3"}) Exchange(emulator->port(), Get(target, "X: y\r\n"));
  ASSERT_EQ(emulator->Requests().size(), 2);
  EXPECT_EQ(emulator->Requests()[0].target, "/2");
  EXPECT_EQ(emulator->Requests()[0].Find("x"), "y");
  EXPECT_EQ(emulator->Received("GET", "/3"), 1);
  EXPECT_EQ(emulator->Received("GET", "/1"), 0);
  EXPECT_EQ(emulator->request_count(), 3);
  emulator->ForgetRequests();
  EXPECT_TRUE(emulator->Requests().empty());
}

TEST(Emulator, FailsAsItIsTold) {
  const auto emulator = Emulator::Start();
  emulator->FailNext({.status = 503, .body = Fault::Body::kHtml});
  const std::string request = Get(kPermissionsPath, AsOwner(*emulator));
  EXPECT_THAT(Exchange(emulator->port(), request),
              StartsWith("HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\n"));
  EXPECT_THAT(Exchange(emulator->port(), request), StartsWith("HTTP/1.1 200 OK\r\n"));

  emulator->FailAlways({.status = 402});
  EXPECT_THAT(Exchange(emulator->port(), request), StartsWith("HTTP/1.1 402 "));
  EXPECT_THAT(Exchange(emulator->port(), request), StartsWith("HTTP/1.1 402 "));
  emulator->ClearFaults();
  EXPECT_THAT(Exchange(emulator->port(), request), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(Emulator, StopsInTheMiddleOfAChunk) {
  const auto emulator = Emulator::Start();
  const std::string request = Get(kKeys, AsOwner(*emulator));
  const std::string whole = Joined(ChunksOf(BodyOf(Exchange(emulator->port(), request))));
  emulator->FailNext({.body = Fault::Body::kGenuine, .delivery = {.truncate_after = 100}});
  const std::string answer = Exchange(emulator->port(), request);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(Joined(ChunksOf(BodyOf(answer))), whole.substr(0, 61));
  EXPECT_THAT(answer, EndsWith(whole.substr(61, 39)));
}

TEST(Emulator, StopsBeforeTheAnnouncedLength) {
  const auto emulator = Emulator::Start();
  emulator->FailNext(
      {.status = 503, .body = Fault::Body::kHtml, .delivery = {.truncate_after = 12}});
  const std::string answer = Exchange(emulator->port(), Get(kPermissionsPath, AsOwner(*emulator)));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 1"));
  EXPECT_EQ(BodyOf(answer), "<html>\r\n<hea");
}

TEST(Emulator, DropsAConnectionWithoutAnAnswer) {
  const auto emulator = Emulator::Start();
  emulator->FailNext({.delivery = {.drop = Delivery::Drop::kClose}});
  EXPECT_EQ(Exchange(emulator->port(), Get(kKeys, AsOwner(*emulator))), "");
  EXPECT_EQ(emulator->Received("GET", kKeys), 1);

  emulator->FailNext({.delivery = {.drop = Delivery::Drop::kReset}});
  TestConnection connection(emulator->port());
  connection.Send(Get(kKeys, AsOwner(*emulator)));
  EXPECT_EQ(connection.ReadToEnd(), "");
  EXPECT_EQ(connection.end(), boost::asio::error::connection_reset);
}

TEST(Emulator, AppliesAWriteWhoseAnswerIsLostOnlyWhereItIsTold) {
  const auto emulator = Emulator::Start();
  const std::string request = Post(kKeys, AsOwner(*emulator), R"({"name":"once"})");
  emulator->FailNext({.delivery = {.drop = Delivery::Drop::kClose}});
  Exchange(emulator->port(), request);
  EXPECT_EQ(emulator->CreatedWithName("once"), 0);
  emulator->FailNext({.delivery = {.drop = Delivery::Drop::kClose}, .applied = true});
  Exchange(emulator->port(), request);
  EXPECT_EQ(emulator->CreatedWithName("once"), 1);
  EXPECT_EQ(emulator->Keys().back().name, "once");
}

TEST(Emulator, AnswersLateWhereItIsTold) {
  const auto emulator = Emulator::Start();
  emulator->FailNext({.body = Fault::Body::kGenuine, .delivery = {.delay = milliseconds(30)}});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(Exchange(emulator->port(), Get(kKeys, AsOwner(*emulator))),
              StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(30));
}

TEST(Emulator, FailsByAMagicName) {
  const auto emulator = Emulator::Start();
  EXPECT_THAT(
      Exchange(emulator->port(), Post(kKeys, AsOwner(*emulator), R"({"name":"emulate 302"})")),
      HasSubstr("Location: https://portal.example/api/2.0/keys\r\n"));
}

TEST(Emulator, IsSwitchedOverHttp) {
  const auto emulator = Emulator::Start();
  EXPECT_THAT(Exchange(emulator->port(), Post("/emulator/fail", "", R"({"status":504})")),
              StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(Exchange(emulator->port(), Get("/", "")), StartsWith("HTTP/1.1 504 "));
  EXPECT_THAT(Exchange(emulator->port(), Post("/emulator/fail", "", R"({"status":5})")),
              EndsWith(R"({"error":"status is a whole number from 100 to 999"})"));
  EXPECT_THAT(Exchange(emulator->port(), Get("/emulator/state", "")),
              EndsWith(R"({"requests":1,"connections":4,"keys":4})"));

  Exchange(emulator->port(), Post("/emulator/fail", "", R"({"status":504})"));
  Exchange(emulator->port(), "DELETE /emulator/fail HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(Exchange(emulator->port(), Get("/", "")), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Exchange(emulator->port(), Get("/emulator/nothing", "")),
              StartsWith("HTTP/1.1 404 "));
}

TEST(Emulator, IsPutIntoConditionsOverHttp) {
  const auto emulator = Emulator::Start();
  const auto put = [&](std::string_view body) {
    return Exchange(emulator->port(),
                    "PUT /emulator/conditions HTTP/1.1\r\nHost: x\r\n"
                    "Content-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  };
  const std::string request = Get(kKeys, AsOwner(*emulator));
  EXPECT_THAT(put(R"({"restoring":true})"), StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(Exchange(emulator->port(), request), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(put("{}"), StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(Exchange(emulator->port(), request), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(put(R"({"broken":true})"), EndsWith(R"({"error":"broken is no condition"})"));
}

TEST(Emulator, CountsACallThatWaitsForItsAnswerAsUnderWay) {
  const ReservedPort port;
  const auto emulator =
      Emulator::Start({.http = {.port = port.port()}, .api = {.limits = {.reads_at_a_time = 1}}});
  const std::string request = Get(kKeys, AsOwner(*emulator));
  emulator->FailNext({.body = Fault::Body::kGenuine, .delivery = {.delay = std::chrono::hours(1)}});
  {
    TestConnection waiting(emulator->port());
    waiting.Send(request);
    while (emulator->request_count() == 0) std::this_thread::yield();
    EXPECT_THAT(Exchange(emulator->port(), request), HasSubstr("X-RateLimit-Limit: 1\r\n"));
  }
  emulator->Stop();
  emulator->Resume();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Exchange(emulator->port(), request), StartsWith("HTTP/1.1 200 "));
  }
}

TEST(Emulator, StopsAndComesBackOnItsPortWithItsState) {
  const ReservedPort port;
  const auto emulator = Emulator::Start({.http = {.port = port.port()}});
  emulator->SeedKey(Role::kOwner, {.name = "kept"});
  TestConnection connection(emulator->port());
  connection.Send(Get("/", ""));
  connection.ReadUntil("\r\n\r\n");
  emulator->Stop();
  connection.ReadToEnd();
  EXPECT_TRUE(connection.end());
  EXPECT_THROW(TestConnection{emulator->port()}, boost::system::system_error);

  emulator->Resume();
  EXPECT_THAT(Exchange(emulator->port(), Get(kKeys, AsOwner(*emulator))), HasSubstr("kept"));
}

TEST(Emulator, StopsInTheMiddleOfADelay) {
  const auto emulator = Emulator::Start({.delay = std::chrono::hours(1)});
  TestConnection connection(emulator->port());
  connection.Send(Get("/", ""));
  while (emulator->request_count() == 0) std::this_thread::yield();
  emulator->Stop();
  EXPECT_EQ(connection.ReadToEnd(), "");
}

TEST(Emulator, RefusesAPortThatIsTaken) {
  const auto emulator = Emulator::Start();
  EXPECT_THROW(Emulator::Start({.http = {.port = emulator->port()}}), boost::system::system_error);
}

TEST(Emulator, LetsTestsSetTimeAndViews) {
  const auto emulator = Emulator::Start();
  emulator->SetTime(Time(std::chrono::seconds(1'780'000'000)));
  emulator->SetViews({.portal_offset = std::chrono::minutes(0), .database = Database::kPostgreSql});
  emulator->AdvanceTime(Ticks(10));
  emulator->SeedKey(Role::kUser, {.name = "timed"});
  EXPECT_THAT(Exchange(emulator->port(), Get(kKeys, Authorization(emulator->user(Role::kUser)))),
              HasSubstr(R"("createOn":"2026-05-28T20:26:40.0000010Z")"));
}

TEST(Emulator, MintsTokensOfTheScopesThatAPortalGrants) {
  const auto emulator = Emulator::Start({.api = {.generation = Generation::k32}});
  const auto status_of = [&](const std::string& token) {
    return Exchange(emulator->port(), Get(kKeys, Bearer(token))).substr(9, 3);
  };
  EXPECT_EQ(status_of(emulator->MintToken(Role::kUser, {"files:read"})), "200");
  EXPECT_EQ(status_of(emulator->MintToken(Role::kUser, {})), "403");
  EXPECT_EQ(status_of(emulator->MintToken(Role::kUser, {"openid"}, std::chrono::seconds(-1))),
            "401");
  for (const char* scope : {"*", "*:read", "*:write", "profile", "files", ""}) {
    EXPECT_THROW(emulator->MintToken(Role::kUser, {scope}), std::invalid_argument) << scope;
  }
}

TEST(Emulator, LetsTestsSuspendAUser) {
  const auto emulator = Emulator::Start();
  const std::string request = Get(kKeys, Bearer(emulator->user(Role::kUser).api_key));
  emulator->SetUserState(Role::kUser, UserState::kSuspended);
  EXPECT_THAT(Exchange(emulator->port(), request), StartsWith("HTTP/1.1 401 "));
  emulator->SetUserState(Role::kUser, UserState::kActive);
  EXPECT_THAT(Exchange(emulator->port(), request), StartsWith("HTTP/1.1 200 "));
}

TEST(Emulator, ServesManyClientsAtOnceFromSeveralThreads) {
  const auto emulator = Emulator::Start({.http = {.threads = 4}});
  std::atomic<int> created = 0;
  {
    std::vector<std::jthread> clients;
    for (int client = 0; client < 8; ++client) {
      clients.emplace_back([&] {
        TestConnection connection(emulator->port());
        for (int i = 0; i < 25; ++i) {
          connection.Send(Post(kKeys, AsOwner(*emulator), R"({"name":"n"})"));
          if (connection.ReadUntil(kEndOfChunks).starts_with("HTTP/1.1 200")) ++created;
          emulator->Received("POST", kKeys);
        }
      });
    }
  }
  EXPECT_EQ(created, 200);
  EXPECT_EQ(emulator->CreatedWithName("n"), 200);
  EXPECT_EQ(emulator->connection_count(), 8);
}

}  // namespace
}  // namespace docspace::emulator
