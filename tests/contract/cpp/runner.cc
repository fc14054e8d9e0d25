// The contract suite's runner for C++: makes the call of each line of JSON, and prints its outcome.
// tests/contract/README.md has the protocol.
#include <google/protobuf/util/json_util.h>
#include <grpcpp/client_context.h>

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "client/cpp/client.h"

namespace docspace::apikeys {
namespace {

namespace json = boost::json;

std::string Text(const json::value& value) { return std::string(value.as_string()); }

std::string FileContent(const json::value* path) {
  if (path == nullptr) return {};
  std::ifstream file(Text(*path));
  return {std::istreambuf_iterator<char>(file), {}};
}

Transport TransportOf(const json::object& call) {
  if (call.at("tls").is_null()) {
    return Plaintext{.allow_remote_plaintext = call.at("allow_remote_plaintext").as_bool()};
  }
  const json::object& tls = call.at("tls").as_object();
  return Tls{.ca_pem = FileContent(tls.if_contains("ca_file")),
             .certificate_pem = FileContent(tls.if_contains("certificate_file")),
             .private_key_pem = Secret(FileContent(tls.if_contains("private_key_file")))};
}

Result<Credential> CredentialOf(const json::object& credential) {
  const auto& [kind, value] = *credential.begin();
  if (kind == "api_key") return Credential::ApiKey(Text(value));
  if (kind == "bearer") return Credential::Bearer(Text(value));
  if (kind == "session_cookie") return Credential::SessionCookie(Text(value));
  if (kind == "basic") return Credential::Basic(Text(value.at(0)), Text(value.at(1)));
  throw std::invalid_argument("credential");
}

json::value ToJson(const ApiKeysError& error) {
  json::array violations;
  for (const FieldViolation& violation : error.field_violations) {
    violations.push_back({{"field", violation.field}, {"description", violation.description}});
  }
  json::object described = {{"code", CodeName(error.code)},
                            {"message", error.message},
                            {"reason", error.reason},
                            {"domain", error.domain},
                            {"metadata", json::value_from(error.metadata)},
                            {"field_violations", std::move(violations)},
                            {"request_id", error.request_id},
                            {"retry_delay", nullptr}};
  if (error.retry_delay) {
    described["retry_delay"] =
        std::chrono::duration_cast<std::chrono::seconds>(*error.retry_delay).count();
  }
  json::array quotas;
  for (const QuotaViolation& violation : error.quota_violations) {
    quotas.push_back({{"subject", violation.subject}, {"description", violation.description}});
  }
  described["quota_violations"] = std::move(quotas);
  described["http_status"] = error.http_status;
  described["from_gateway"] = error.IsFromGateway();
  described["known_not_applied"] = error.IsKnownNotApplied();
  described["safe_to_retry"] = error.IsSafeToRetry();
  described["backoff"] = std::to_string(std::chrono::duration<double>(Backoff(error, 1)).count());
  return {{"error", std::move(described)}};
}

json::value ToJson(const google::protobuf::Message& response) {
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(response, &text).ok()) {
    throw std::runtime_error("The response has no JSON.");
  }
  return {{"response", json::parse(text)}};
}

// The client always sends a credential, so a call without one uses the stub directly.
template <typename Request, typename Response>
Result<Response> CallWithoutCredential(
    grpc::Status (v1::ApiKeys::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
    const json::object& call, const Request& request) {
  grpc::ClientContext context;
  for (const auto& [name, value] : call.at("metadata").as_object()) {
    context.AddMetadata(std::string(name), Text(value));
  }
  const auto stub = v1::ApiKeys::NewStub(*MakeChannel(Text(call.at("target")), TransportOf(call)));
  Response response;
  const grpc::Status status = ((*stub).*method)(&context, request, &response);
  if (!status.ok()) return DecodeError(status);
  return response;
}

template <typename Request, typename Response>
json::value Call(Result<Response> (Client::*method)(const Request&, const CallOptions&) const,
                 grpc::Status (v1::ApiKeys::Stub::*stub_method)(grpc::ClientContext*,
                                                                const Request&, Response*),
                 const json::object& call) {
  Request request;
  if (!google::protobuf::util::JsonStringToMessage(json::serialize(call.at("request")), &request)
           .ok()) {
    throw std::invalid_argument("request");
  }
  if (call.at("credential").is_null()) {
    const auto result = CallWithoutCredential(stub_method, call, request);
    return result.ok() ? ToJson(*result) : ToJson(result.error());
  }
  const auto credential = CredentialOf(call.at("credential").as_object());
  if (!credential.ok()) return {{"refused", credential.error().message}};
  const auto client =
      Client::Connect(Text(call.at("target")), TransportOf(call), *credential,
                      {.timeout = std::chrono::milliseconds(call.at("timeout_ms").as_int64())});
  if (!client.ok()) return {{"refused", client.error().message}};
  CallOptions options;
  for (const auto& [name, value] : call.at("metadata").as_object()) {
    options.metadata.emplace_back(std::string(name), Text(value));
  }
  const auto result = ((*client).*method)(request, options);
  return result.ok() ? ToJson(*result) : ToJson(result.error());
}

json::value Run(const json::object& call) {
  using Stub = v1::ApiKeys::Stub;
  const std::string rpc = Text(call.at("rpc"));
  if (rpc == "CreateApiKey") return Call(&Client::CreateApiKey, &Stub::CreateApiKey, call);
  if (rpc == "DeleteApiKey") return Call(&Client::DeleteApiKey, &Stub::DeleteApiKey, call);
  if (rpc == "GetAllPermissions") {
    return Call(&Client::GetAllPermissions, &Stub::GetAllPermissions, call);
  }
  if (rpc == "GetApiKey") return Call(&Client::GetApiKey, &Stub::GetApiKey, call);
  if (rpc == "GetApiKeys") return Call(&Client::GetApiKeys, &Stub::GetApiKeys, call);
  if (rpc == "UpdateApiKey") return Call(&Client::UpdateApiKey, &Stub::UpdateApiKey, call);
  throw std::invalid_argument("rpc");
}

}  // namespace
}  // namespace docspace::apikeys

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << docspace::apikeys::Run(boost::json::parse(line).as_object()) << std::endl;
  }
}
