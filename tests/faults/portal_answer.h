// The correct responses of a portal to each RPC.
#ifndef TESTS_FAULTS_PORTAL_ANSWER_H_
#define TESTS_FAULTS_PORTAL_ANSWER_H_

#include <optional>
#include <string>
#include <string_view>

#include "server/docspace/routes.h"

namespace docspace::gateway::testkit {

// Returns the value of `response`, with every member of the contract.
std::string PortalValue(Rpc rpc);

// Returns the whole JSON document, with every member of the contract.
std::string PortalJson(Rpc rpc);

// Returns a whole response of status 200 with that body. `fields` holds further header fields, each
// with its CRLF.
std::string PortalResponse(std::string_view body, std::string_view fields = "");

// Returns the message that a caller gets for that JSON, as canonical JSON, or nothing if the JSON
// is invalid. The conversion is protobuf's own parser, which shares no code with the gateway's.
std::optional<std::string> Meaning(Rpc rpc, const std::string& json);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_FAULTS_PORTAL_ANSWER_H_
