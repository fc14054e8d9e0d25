#include "tests/faults/fault_test.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/testkit/error_matchers.h"

namespace docspace::gateway::testkit {
namespace {

// Asks whether a connection is still in use, with a request that changes nothing.
constexpr Rpc kProbe = Rpc::kGetAllPermissions;

std::string InChunks(std::string_view body) {
  constexpr std::size_t kChunk = 100;
  std::string chunks;
  for (; !body.empty(); body.remove_prefix(std::min(kChunk, body.size()))) {
    const std::string_view chunk = body.substr(0, kChunk);
    chunks.append(absl::StrCat(absl::Hex(chunk.size()), "\r\n")).append(chunk).append("\r\n");
  }
  return chunks;
}

std::string FillIn(const std::string& text, Rpc rpc) {
  const std::string json = PortalJson(rpc);
  return absl::StrReplaceAll(text, {{"$JSON", json},
                                    {"$OPEN", json.substr(0, json.size() - 1)},
                                    {"$CHUNKS", InChunks(json)},
                                    {"$VALUE", PortalValue(rpc)}});
}

}  // namespace

std::ostream& operator<<(std::ostream& out, Fate fate) {
  return out << (fate == Fate::kReused ? "reused" : "closed");
}

void PrintTo(const FaultyResponse& response, std::ostream* out) { *out << response.name; }

void FaultTest::Configure(Config& config) {
  config.threads = 1;
  config.portal.client.max_backoff = std::chrono::milliseconds(2);
  // A test may take long to compare a response before it uses the connection again.
  config.portal.pool.idle_timeout = std::chrono::hours(1);
  if (authority_) config.portal.certificates.ca_file = authority_->file();
}

std::string FaultTest::StartPortal() {
  if (PortalSpeaksTls()) {
    authority_.emplace();
    portal_ = std::make_unique<ScriptedUpstream>(authority_->Issue("127.0.0.1"));
  } else {
    RestartPortal();
  }
  return (PortalSpeaksTls() ? "https://127.0.0.1:" : "http://127.0.0.1:") +
         std::to_string(portal().port());
}

void FaultTest::TearDown() {
  gateway().Stop();
  for (std::size_t i = 0; portal_ && i < portal().connections(); ++i) {
    EXPECT_TRUE(portal().WaitForEnd(i)) << "connection " << i;
  }
  GatewayFixture::TearDown();
}

Metadata FaultTest::Credential() {
  const std::string key = "sk-" + std::string(64, '7');
  ForbidInOutput(key);
  return {{"apikeybearer", key}};
}

void FaultTest::Expect(const Expected& expected, Rpc rpc, const CallResponse<std::string>& answer,
                       const std::string& json) {
  const Verdict& verdict = RouteOf(rpc).is_write ? expected.write : expected.read;
  EXPECT_THAT(answer, IsError(verdict.code, verdict.reason));
  if (verdict.code == grpc::StatusCode::OK) {
    EXPECT_EQ(answer.response, Meaning(rpc, json));
  }
}

Fate FaultTest::FateOf(std::size_t last) {
  const std::size_t connections = portal().connections();
  Expect(kAnswered, kProbe, Call(kProbe));
  if (portal().connections() == connections) return Fate::kReused;
  EXPECT_TRUE(portal().WaitForEnd(last));
  return Fate::kClosed;
}

void FaultTest::ExpectResultOf(const FaultyResponse& response) {
  portal().Always(ServeAndClose(kProbe));
  for (const Rpc rpc : response.rpcs) {
    SCOPED_TRACE(RouteOf(rpc).name);
    const std::string body = FillIn(response.body, rpc);
    const std::string head =
        absl::StrReplaceAll(response.head, {{"$SIZE", std::to_string(body.size())}});
    const std::size_t connection = portal().connections();
    const std::size_t requests = portal().requests();
    portal().Next(Script()
                      .ReadRequest()
                      .Send(head + "\r\n" + body + response.behind)
                      .Append(response.then)
                      .Append(ServeAndClose(kProbe)));
    const CallResponse<std::string> answer = Call(rpc);
    EXPECT_EQ(portal().requests(), requests + 1);
    Expect(response.expected, rpc, answer, FillIn(response.means, rpc));
    // Whatever the portal does next ends the connection, but not before the answer is known.
    EXPECT_TRUE(response.then.empty() || portal().WaitForEnd(connection));
    EXPECT_EQ(FateOf(connection), response.fate);
  }
}

Script Serve(Rpc rpc) { return Script().ReadRequest().Send(PortalResponse(PortalJson(rpc))); }

Script ServeAndClose(Rpc rpc) {
  return Script()
      .ReadRequest()
      .Send(PortalResponse(PortalJson(rpc), "Connection: close\r\n"))
      .Close();
}

}  // namespace docspace::gateway::testkit
