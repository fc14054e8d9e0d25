// A caller, the gateway, and a portal that follows a script: the fixture of the fault matrix.
//
// At the end of each test, besides what GatewayFixture checks, every connection that the gateway
// opened to the portal has been closed.
#ifndef TESTS_FAULTS_FAULT_TEST_H_
#define TESTS_FAULTS_FAULT_TEST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/faults/portal_answer.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/gateway_fixture.h"
#include "tests/testkit/scripted_upstream.h"

namespace docspace::gateway::testkit {

struct Verdict {
  grpc::StatusCode code;
  // Empty for OK.
  const char* reason;
};

// What callers learn, by whether the portal's state may have changed.
struct Expected {
  Verdict read;
  Verdict write;
};

inline constexpr Expected kAnswered{{grpc::StatusCode::OK, ""}, {grpc::StatusCode::OK, ""}};
inline constexpr Expected kMalformed{{grpc::StatusCode::INTERNAL, "UPSTREAM_MALFORMED"},
                                     {grpc::StatusCode::UNKNOWN, "UPSTREAM_MALFORMED"}};
inline constexpr Expected kUnreachable{{grpc::StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"},
                                       {grpc::StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"}};
inline constexpr Expected kConnectionLost{{grpc::StatusCode::UNAVAILABLE, "UPSTREAM_UNREACHABLE"},
                                          {grpc::StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN"}};
inline constexpr Expected kTooLate{{grpc::StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"},
                                   {grpc::StatusCode::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"}};

// What became of a connection after an exchange.
enum class Fate { kReused, kClosed };

std::ostream& operator<<(std::ostream& out, Fate fate);

// What the portal sends in answer to one request, and what must come of it. In `body` and `means`,
// $JSON stands for what it answers when it is in order; $OPEN for that without its closing brace,
// $CHUNKS for that in chunks, without the last one, which is empty, and $VALUE for its `response`.
// In `head`, $SIZE stands for the length of the body.
struct FaultyResponse {
  std::string name;
  // Without the empty line that ends it.
  std::string head = "HTTP/1.1 200 OK\r\nContent-Length: $SIZE\r\n";
  std::string body = "$JSON";
  // Sent together with it.
  std::string behind{};
  // What the portal does next. By default it waits for the next request.
  Script then{};
  Expected expected = kMalformed;
  Fate fate = Fate::kClosed;
  // Where it is answered: JSON that says the same.
  std::string means = "$JSON";
  std::vector<Rpc> rpcs{std::begin(kRpcs), std::end(kRpcs)};
};

// For GoogleTest.
void PrintTo(const FaultyResponse& response, std::ostream* out);

class FaultTest : public GatewayFixture {
 protected:
  // One event loop, so that a call after another finds its connection.
  void Configure(Config& config) override;
  std::string StartPortal() override;
  void TearDown() override;

  virtual bool PortalSpeaksTls() const { return false; }

  ScriptedUpstream& portal() { return *portal_; }
  // Closes its connections, and listens no more.
  void StopPortal() { portal_.reset(); }
  // As another portal, on a port that one had.
  void RestartPortal(std::uint16_t port) { portal_ = std::make_unique<ScriptedUpstream>(port); }

  using GatewayFixture::Call;
  CallResponse<std::string> Call(Rpc rpc) { return Call(rpc, Credential()); }
  std::unique_ptr<Pending> Start(Rpc rpc) { return GatewayFixture::Start(rpc, Credential()); }
  Metadata Credential();

  // That the caller learns that; where it is OK, that the message says what `json` says.
  static void Expect(const Expected& expected, Rpc rpc, const CallResponse<std::string>& answer,
                     const std::string& json);
  static void Expect(const Expected& expected, Rpc rpc, const CallResponse<std::string>& answer) {
    Expect(expected, rpc, answer, PortalJson(rpc));
  }

  // Makes a call, which must get its own answer, and tells whether it went over the connection of
  // the call before, which was the portal's connection number `last`. If not, that has been closed.
  Fate FateOf(std::size_t last);

  // For each RPC: sends the request once, answers as said, leaves the connection as said.
  void ExpectResultOf(const FaultyResponse& response);

 private:
  std::optional<CertificateAuthority> authority_;
  std::unique_ptr<ScriptedUpstream> portal_;
};

// Reads one request, and answers it as a portal in order answers that RPC.
Script Serve(Rpc rpc);
// After which it closes the connection, having said so.
Script ServeAndClose(Rpc rpc);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_FAULTS_FAULT_TEST_H_
