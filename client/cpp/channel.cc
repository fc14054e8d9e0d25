#include "client/cpp/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include "client/cpp/target.h"

namespace docspace::apikeys {
namespace {

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const Transport& transport) {
  if (const auto* tls = std::get_if<Tls>(&transport)) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = tls->ca_pem;
    options.pem_cert_chain = tls->certificate_pem;
    options.pem_private_key = tls->private_key_pem.Reveal();
    return grpc::SslCredentials(options);
  }
  return grpc::InsecureChannelCredentials();
}

}  // namespace

Result<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                   const Transport& transport, const Proxy& proxy) {
  const auto* plaintext = std::get_if<Plaintext>(&transport);
  const bool is_loopback = IsLoopback(target);
  if (plaintext != nullptr && !is_loopback && !plaintext->allow_remote_plaintext) {
    ApiKeysError error;
    error.code = grpc::StatusCode::INVALID_ARGUMENT;
    error.message =
        "plaintext would show the credential to other machines: use TLS, or allow_remote_plaintext";
    return error;
  }
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix("docspace-apikeys-cpp");
  // Without a service config there are no configurable retries below the client's own. gRPC's
  // transparent ones remain.
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  if ((plaintext != nullptr && is_loopback) || (proxy && proxy->Reveal().empty())) {
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  } else if (proxy) {
    arguments.SetString(GRPC_ARG_HTTP_PROXY, proxy->Reveal());
  }
  // With this back-off, the client's first retries find a gateway that has restarted.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  // A list of 10,000 keys is about twice gRPC's default of 4 MiB.
  arguments.SetMaxReceiveMessageSize(64 * 1024 * 1024);
  return grpc::CreateCustomChannel(target, CredentialsOf(transport), arguments);
}

}  // namespace docspace::apikeys
