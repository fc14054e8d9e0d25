// Each octet of a portal's answers missing, or another: row R12a of the fault matrix.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tests/faults/fault_test.h"

namespace docspace::gateway::testkit {
namespace {

// Of every so many octets one is tried: a sanitizer makes each try slower.
#ifdef DOCSPACE_SANITIZER
constexpr std::size_t kStep = 13;
#else
constexpr std::size_t kStep = 1;
#endif

unsigned char Unsigned(char octet) { return static_cast<unsigned char>(octet); }

// What the portal sends to an RPC, in one of two ways to say where the body ends.
struct Golden {
  std::string name;
  Rpc rpc;
  bool chunked;
};

void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.name; }

class EveryOctetTest : public FaultTest, public ::testing::WithParamInterface<Golden> {
 protected:
  // Sends that and ends the connection.
  CallResponse<std::string> AnswerTo(const std::string& octets) {
    const std::size_t connection = portal().connections();
    portal().Next(Script().ReadRequest().Send(octets).Close());
    CallResponse<std::string> answer = Call(rpc_);
    // Else the next call may meet this connection's end.
    EXPECT_TRUE(portal().WaitForEnd(connection));
    return answer;
  }

  bool IsInJson(std::size_t at) const {
    return at >= before_.size() && at < before_.size() + json_.size();
  }

  const Rpc rpc_ = GetParam().rpc;
  const std::string json_ = PortalJson(rpc_);
  const std::string before_ =
      GetParam().chunked
          ? "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n" +
                absl::StrCat(absl::Hex(json_.size())) + "\r\n"
          : PortalResponse(json_).substr(0, PortalResponse(json_).size() - json_.size());
  const std::string octets_ = before_ + json_ + (GetParam().chunked ? "\r\n0\r\n\r\n" : "");
};

TEST_P(EveryOctetTest, R12a_ACutAnswerIsNone) {
  portal().Always(ServeAndClose(rpc_));
  // Without an octet of a response, a read is tried again.
  Expect(RouteOf(rpc_).is_write ? kConnectionLost : kAnswered, rpc_, AnswerTo(""));
  for (std::size_t size = 1; size < octets_.size(); size += kStep) {
    SCOPED_TRACE(size);
    Expect(kMalformed, rpc_, AnswerTo(octets_.substr(0, size)));
  }
}

TEST_P(EveryOctetTest, R12a_AReplacedOctetMakesNoOtherAnswer) {
  for (std::size_t at = 0; at < octets_.size(); at += kStep) {
    // The same RPC without chunks has tried the octets of its JSON.
    if (GetParam().chunked && IsInJson(at)) continue;
    for (const char octet : {'\0', '\r', '\n', '\x80'}) {
      if (octets_[at] == octet) continue;
      std::string octets = octets_;
      octets[at] = octet;
      SCOPED_TRACE(absl::CEscape(octets));
      const CallResponse<std::string> answer = AnswerTo(octets);
      // A number that a line end cuts short is another number, and one octet makes another letter
      // beyond ASCII. Nothing in JSON tells, so there protobuf must only read the same.
      const bool may_differ =
          absl::ascii_isdigit(Unsigned(octets_[at])) || Unsigned(octets_[at]) >= 0x80;
      Expect(answer.ok() ? kAnswered : kMalformed, rpc_, answer,
             may_differ ? octets.substr(before_.size(), json_.size()) : json_);
    }
  }
}

std::vector<Golden> Goldens() {
  std::vector<Golden> goldens;
  for (const Route& route : kRoutes) {
    goldens.push_back({std::string(route.name), route.rpc, false});
  }
  // Around the body there is no difference between RPCs.
  for (const Rpc rpc : {Rpc::kDeleteApiKey, Rpc::kGetApiKeys}) {
    goldens.push_back({std::string(RouteOf(rpc).name) + "InChunks", rpc, true});
  }
  return goldens;
}

INSTANTIATE_TEST_SUITE_P(R12a, EveryOctetTest, ::testing::ValuesIn(Goldens()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace docspace::gateway::testkit
