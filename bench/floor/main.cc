// floor …: the least that a gRPC server in C++ costs. It responds to GetApiKey and GetApiKeys with
// a response of the portal that it has read once. It is the benchmark's floor-1.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bench/contents.h"
#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/docspace/api_key_json.h"
#include "server/docspace/errors.h"
#include "server/rpc/rpc_status.h"

namespace docspace::bench {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of two RPCs.

class ConstantService final : public ApiKeys::CallbackService {
 public:
  // `status` is the HTTP status of the portal's response `json`.
  ConstantService(int status, const std::string& json) {
    if (status != 200) {
      status_ = gateway::ToGrpcStatus(gateway::ErrorFromResponse(
          gateway::Rpc::kGetApiKey, {.status = status, .headers = {}, .body = json},
          absl::UnixEpoch()));
      return;
    }
    // The JSON shows which of the two RPCs it belongs to, because only one of them can read it.
    if (Read(json, key_).ok()) return;
    const absl::Status read = Read(json, keys_);
    if (!read.ok()) throw std::runtime_error(std::string(read.message()));
  }

  grpc::ServerUnaryReactor* GetApiKey(grpc::CallbackServerContext* context, const GetApiKeyRequest*,
                                      GetApiKeyResponse* response) override {
    *response = key_;
    return Finish(*context);
  }

  grpc::ServerUnaryReactor* GetApiKeys(grpc::CallbackServerContext* context,
                                       const GetApiKeysRequest*,
                                       GetApiKeysResponse* response) override {
    *response = keys_;
    return Finish(*context);
  }

 private:
  template <class Response>
  static absl::Status Read(std::string json, Response& response) {
    gateway::EncodedResponse<Response> encoded;
    const absl::Status status = gateway::FromJson(json, encoded);
    const std::string_view bytes = encoded.bytes();
    if (status.ok() && !response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      throw std::runtime_error("Protobuf cannot read the message");
    }
    return status;
  }

  grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext& context) const {
    auto* reactor = context.DefaultReactor();
    reactor->Finish(status_);
    return reactor;
  }

  grpc::Status status_;
  GetApiKeyResponse key_;
  GetApiKeysResponse keys_;
};

void Serve(const std::string& listen, int status, const std::string& json_file) {
  ConstantService service(status, ContentsOf(json_file));
  grpc::ServerBuilder builder;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  builder.SetMaxSendMessageSize(-1);
  const auto server = builder.BuildAndStart();
  if (!server) throw std::runtime_error("--listen " + listen + " cannot be bound");
  server->Wait();
}

}  // namespace
}  // namespace docspace::bench

int main(int argc, char** argv) {
  CLI::App app("A gRPC server that returns a constant; see bench/run.sh.", "floor");
  std::string listen;
  int status = 200;
  std::string json_file;
  app.add_option("--listen", listen, "address:port")->required();
  app.add_option("--status", status, "The HTTP status of the portal's response");
  app.add_option("--json", json_file, "The portal's response")->required();
  try {
    app.parse(argc, argv);
    docspace::bench::Serve(listen, status, json_file);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::cerr << "floor: " << error.what() << '\n';
    return 1;
  }
}
