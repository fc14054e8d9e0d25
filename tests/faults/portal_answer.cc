#include "tests/faults/portal_answer.h"

#include <google/protobuf/util/json_util.h>

#include <memory>

#include "docspace/apikeys/v1/api_keys.pb.h"
#include "tests/testkit/canonical_json.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.

constexpr std::string_view kKey =
    R"({"id":"3fa85f64-5717-4562-b3fc-2c963f66afa6","name":"Ключ <b>","key":"sk-***afa6",)"
    R"("keyPostfix":"afa6","permissions":["files:read","rooms:write"],)"
    R"("lastUsed":"2026-06-15T13:30:00.1234567+03:00","createOn":"2026-06-14T00:00:00Z",)"
    R"("createBy":{"id":"66faa6e4-f133-11ea-b126-00ffeec8b4ef","displayName":"Ann &amp; Bob",)"
    R"("avatar":"/a.png","avatarOriginal":"/o.png","avatarMax":"/x.png","avatarMedium":"/m.png",)"
    R"("avatarSmall":"/s.png","profileUrl":"/ann","hasAvatar":true,"isAnonim":false},)"
    R"("expiresAt":"2027-06-15T10:30:00.1Z","isActive":true})";
constexpr std::string_view kTail =
    R"(,"count":1,"total":3,"links":[{"href":"https://portal/api/2.0/keys","action":"GET"}],)"
    R"("status":0,"statusCode":200})";

std::unique_ptr<google::protobuf::Message> NewResponse(Rpc rpc) {
  switch (rpc) {
    case Rpc::kCreateApiKey:
      return std::make_unique<CreateApiKeyResponse>();
    case Rpc::kDeleteApiKey:
      return std::make_unique<DeleteApiKeyResponse>();
    case Rpc::kGetAllPermissions:
      return std::make_unique<GetAllPermissionsResponse>();
    case Rpc::kGetApiKey:
      return std::make_unique<GetApiKeyResponse>();
    case Rpc::kGetApiKeys:
      return std::make_unique<GetApiKeysResponse>();
    case Rpc::kUpdateApiKey:
      return std::make_unique<UpdateApiKeyResponse>();
  }
  return nullptr;
}

}  // namespace

std::string PortalValue(Rpc rpc) {
  switch (rpc) {
    case Rpc::kCreateApiKey:
    case Rpc::kGetApiKey:
      return std::string(kKey);
    case Rpc::kDeleteApiKey:
    case Rpc::kUpdateApiKey:
      return "true";
    case Rpc::kGetAllPermissions:
      return R"(["*","accounts.self:read","rooms:write"])";
    case Rpc::kGetApiKeys:
      return "[" + std::string(kKey) + R"(,{"name":"second","permissions":[]}])";
  }
  return {};
}

std::string PortalJson(Rpc rpc) {
  return R"({"response":)" + PortalValue(rpc) + std::string(kTail);
}

std::string PortalResponse(std::string_view body, std::string_view fields) {
  return std::string("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
      .append(fields)
      .append("Content-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
}

std::optional<std::string> Meaning(Rpc rpc, const std::string& json) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto message = NewResponse(rpc);
  if (!google::protobuf::util::JsonStringToMessage(json, message.get(), options).ok()) {
    return std::nullopt;
  }
  return CanonicalJson(*message);
}

}  // namespace docspace::gateway::testkit
