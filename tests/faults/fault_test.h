// The fixture of the fault matrix: a caller, the gateway, and a portal that follows a script.
//
// After each test, in addition to the checks of GatewayFixture, it checks that every connection
// from the gateway to the portal has been closed.
#ifndef TESTS_FAULTS_FAULT_TEST_H_
#define TESTS_FAULTS_FAULT_TEST_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/faults/portal_answer.h"
#include "tests/testkit/certificates.h"
#include "tests/testkit/gateway_fixture.h"
#include "tests/testkit/reserved_port.h"
#include "tests/testkit/scripted_upstream.h"

namespace docspace::gateway::testkit {

// `Verdict` is the code and reason of a result.
struct Verdict {
  grpc::StatusCode code;
  // The reason of ErrorInfo; empty for OK.
  const char* reason;
};

// `Expected` holds the expected results of reads and of writes. They differ because a write may
// have changed the portal's state.
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

// The state of the connection to the portal after a call.
enum class Fate { kReused, kClosed };

std::ostream& operator<<(std::ostream& out, Fate fate);

// `FaultyResponse` is the portal's response to one request, and the expected result. `body` and
// `means` may contain placeholders: $JSON is the correct response body of the RPC, $OPEN is $JSON
// without its closing brace, $CHUNKS is $JSON in chunked coding without the last, empty chunk, and
// $VALUE is the `response` member of $JSON. In `head`, $SIZE is the length of the body.
struct FaultyResponse {
  std::string name;
  // The response head without the empty line that ends it.
  std::string head = "HTTP/1.1 200 OK\r\nContent-Length: $SIZE\r\n";
  std::string body = "$JSON";
  // Bytes sent together with the body, after it.
  std::string behind{};
  // The next steps of the portal. By default it waits for the next request.
  Script then{};
  Expected expected = kMalformed;
  Fate fate = Fate::kClosed;
  // JSON with the same meaning, if the call succeeds.
  std::string means = "$JSON";
  std::vector<Rpc> rpcs{std::begin(kRpcs), std::end(kRpcs)};
};

// Prints the name; GoogleTest calls it.
void PrintTo(const FaultyResponse& response, std::ostream* out);

// `FaultTest` runs one gateway and one scripted portal per test.
class FaultTest : public GatewayFixture {
 protected:
  // Sets one event loop, so that a call reuses the connection of the call before.
  void Configure(Config& config) override;
  std::string StartPortal() override;
  void TearDown() override;

  virtual bool PortalSpeaksTls() const { return false; }

  ScriptedUpstream& portal() { return *portal_; }
  // Closes the connections and the listener of a portal without TLS. Its port stays reserved, so
  // that connections to it are refused.
  void StopPortal() { portal_.reset(); }
  // Starts a new portal on the port of the stopped one.
  void RestartPortal() { portal_ = std::make_unique<ScriptedUpstream>(port_.port()); }

  using GatewayFixture::Call;
  CallResponse<std::string> Call(Rpc rpc) { return Call(rpc, Credential()); }
  std::unique_ptr<Pending> Start(Rpc rpc) { return GatewayFixture::Start(rpc, Credential()); }
  Metadata Credential();

  // Expects that the caller gets the expected result and, if that is OK, that the message means the
  // same as `json`.
  static void Expect(const Expected& expected, Rpc rpc, const CallResponse<std::string>& answer,
                     const std::string& json);
  static void Expect(const Expected& expected, Rpc rpc, const CallResponse<std::string>& answer) {
    Expect(expected, rpc, answer, PortalJson(rpc));
  }

  // Makes a call, which must succeed, and returns whether it reused the connection of the call
  // before, which has the number `last` at the portal. If it did not, that connection must be
  // closed.
  Fate FateOf(std::size_t last);

  // Makes one call per RPC, lets the portal respond as `response` says, and checks the result and
  // the state of the connection.
  void ExpectResultOf(const FaultyResponse& response);

 private:
  const ReservedPort port_;
  std::optional<CertificateAuthority> authority_;
  std::unique_ptr<ScriptedUpstream> portal_;
};

// Returns a script that reads one request and sends the correct response for that RPC.
Script Serve(Rpc rpc);
// Returns the same script with `Connection: close`, after which the portal closes the connection.
Script ServeAndClose(Rpc rpc);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_FAULTS_FAULT_TEST_H_
