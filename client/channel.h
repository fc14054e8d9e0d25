// A channel to a gateway, set up as the client wants it.
#ifndef CLIENT_CHANNEL_H_
#define CLIENT_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <variant>

#include "client/secret.h"

namespace docspace::apikeys {

// Certificate and host name of the gateway are verified.
struct Tls {
  // The authorities to trust, in PEM; empty: those of the system.
  std::string ca_pem;
  // What authenticates this client to a gateway that asks for a certificate: the chain and its key,
  // in PEM. Both or neither.
  std::string certificate_pem;
  Secret private_key_pem;
};

// Nothing is encrypted, the credential included: for this machine, or a network that encrypts.
struct Plaintext {};

using Transport = std::variant<Tls, Plaintext>;

// `target`: `host:port`, or any other gRPC target. Does not wait: the first call connects.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target, const Transport& transport);

}  // namespace docspace::apikeys

#endif  // CLIENT_CHANNEL_H_
