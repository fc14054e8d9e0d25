// What a portal in order answers to each RPC.
#ifndef TESTS_FAULTS_PORTAL_ANSWER_H_
#define TESTS_FAULTS_PORTAL_ANSWER_H_

#include <optional>
#include <string>
#include <string_view>

#include "server/docspace/routes.h"

namespace docspace::gateway::testkit {

// The value of `response`, with every member of the contract.
std::string PortalValue(Rpc rpc);

// The JSON around it, likewise.
std::string PortalJson(Rpc rpc);

// A whole response of status 200 with that body. `fields` are further header fields, each with its
// CRLF.
std::string PortalResponse(std::string_view body, std::string_view fields = "");

// What a caller gets of that JSON, as canonical JSON: by protobuf's own parser, which shares
// nothing with the gateway's. None where that parser refuses it.
std::optional<std::string> Meaning(Rpc rpc, const std::string& json);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_FAULTS_PORTAL_ANSWER_H_
