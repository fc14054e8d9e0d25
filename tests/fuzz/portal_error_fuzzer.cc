// Checks the status that a caller gets for any body, status and header of the portal.
//
// An input is a line with the number of the RPC and the status, lines of headers, an empty line,
// and the body.
#include <google/protobuf/util/message_differencer.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "server/base/utf8.h"
#include "server/caller/forwarded_metadata.h"
#include "server/docspace/errors.h"
#include "server/docspace/routes.h"
#include "server/docspace/status_details.h"
#include "server/rpc/rpc_status.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/require.h"

namespace docspace::fuzz {
namespace {

using gateway::IsValidUtf8;
using gateway::Route;
using google::protobuf::util::MessageDifferencer;

// The current time, to which dates are compared.
const absl::Time kNow = absl::FromUnixSeconds(784'111'777);

template <class Detail>
bool Unpacks(const google::protobuf::Any& any) {
  Detail detail;
  // Protobuf refuses a detail in which a string is not UTF-8.
  return any.Is<Detail>() && any.UnpackTo(&detail);
}

// Checks the details as a caller parses them, and returns them.
google::rpc::Status Check(const absl::Status& status) {
  Require(!status.ok(), "it is no success");
  const grpc::Status edge = gateway::ToGrpcStatus(status);
  Require(static_cast<int>(edge.error_code()) == static_cast<int>(status.code()),
          "the code stays as it is");
  Require(!edge.error_message().empty(), "there is a message");
  Require(IsValidUtf8(edge.error_message()), "the message is UTF-8");
  Require(edge.error_message().size() + edge.error_details().size() <= 4096,
          "message and details are at most 4 KiB");
  for (const char c : edge.error_message()) {
    Require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F, "the message is one line");
  }
  google::rpc::Status rich;
  Require(rich.ParseFromString(edge.error_details()), "the details can be read");
  Require(rich.code() == edge.error_code() && rich.message() == edge.error_message(),
          "the details repeat code and message");
  Require(rich.details_size() > 0 && Unpacks<google::rpc::ErrorInfo>(rich.details(0)),
          "ErrorInfo comes first");
  for (const auto& any : rich.details()) {
    Require(Unpacks<google::rpc::ErrorInfo>(any) || Unpacks<google::rpc::BadRequest>(any) ||
                Unpacks<google::rpc::RetryInfo>(any) || Unpacks<google::rpc::QuotaFailure>(any),
            "every detail can be read");
  }
  Require(!gateway::ReasonOf(status).empty(), "there is a reason");
  return rich;
}

void CheckResponse(const Route& route, const gateway::http::Response& response) {
  const absl::Status status = gateway::ErrorFromResponse(route.rpc, response, kNow);
  Check(status);
  if (route.is_write && status.code() == absl::StatusCode::kUnavailable) {
    // Each of these statuses can prove that nothing was done: see the rows of errors.cc.
    constexpr int kMayProve[] = {403, 425, 503, 521, 522, 523, 525, 526};
    Require(std::ranges::find(kMayProve, response.status) != std::end(kMayProve),
            "a write is UNAVAILABLE only if that is proven to be safe");
  }
  for (const gateway::http::Header& header : gateway::SelectReturned(response)) {
    for (const char c : header.name + header.value) {
      Require(c >= 0x20 && c <= 0x7E, "a trailer is printable");
    }
  }

  // The stack is not passed on: without it the result is the same.
  boost::system::error_code error;
  boost::json::value body = boost::json::parse(response.body, error);
  if (error || !body.is_object()) return;
  gateway::http::Response with = response;
  with.body = boost::json::serialize(body);
  auto* inner = body.get_object().if_contains("error");
  if (inner == nullptr || !inner->is_object() || !inner->get_object().contains("stack")) return;
  inner->get_object().erase("stack");
  gateway::http::Response without = response;
  without.body = boost::json::serialize(body);
  Require(MessageDifferencer::Equals(Check(gateway::ErrorFromResponse(route.rpc, with, kNow)),
                                     Check(gateway::ErrorFromResponse(route.rpc, without, kNow))),
          "nothing of the stack is told");
}

void CheckFailure(const Route& route, std::size_t kind, bool sent) {
  const gateway::http::Failure failure{static_cast<gateway::http::Failure::Kind>(kind), sent,
                                       "no response came"};
  const absl::Status status = gateway::ErrorFromFailure(route.rpc, failure);
  Check(status);
  Require(!(route.is_write && sent && status.code() == absl::StatusCode::kUnavailable),
          "a write that was sent is never UNAVAILABLE");
}

}  // namespace
}  // namespace docspace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace docspace::fuzz;  // NOLINT(google-build-using-namespace): its one user.
  namespace gateway = docspace::gateway;
  std::string_view rest = Text(data, size);
  std::string_view first = TakeUntil(rest, "\n");
  const gateway::Route& route = gateway::kRoutes.at(NumberBelow(6, TakeUntil(first, " ")));
  gateway::http::Response response;
  response.status = 100 + static_cast<int>(NumberBelow(500, first) + 400) % 500;
  while (!rest.empty()) {
    std::string_view line = TakeUntil(rest, "\n");
    if (line.empty()) break;
    const std::string_view name = TakeUntil(line, ": ");
    response.headers.push_back({std::string(name), std::string(line)});
  }
  response.body = rest;
  CheckResponse(route, response);
  CheckFailure(route, static_cast<std::size_t>(response.status) % 6, rest.size() % 2 == 0);
  return 0;
}
