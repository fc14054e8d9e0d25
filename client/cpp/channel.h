// A channel to a gateway, set up as the client wants it.
#ifndef CLIENT_CPP_CHANNEL_H_
#define CLIENT_CPP_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "client/cpp/result.h"
#include "client/cpp/secret.h"

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

// Nothing is encrypted, the credential included: for a gateway on this machine.
struct Plaintext {
  // Lets plaintext reach other machines. It is for networks that encrypt what they carry, such as a
  // service mesh: anybody else on the way can read the credential.
  bool allow_remote_plaintext = false;
};

using Transport = std::variant<Tls, Plaintext>;

// The HTTP proxy of a channel: `http://[user:password@]host:port`, or empty for none. Without one
// of these gRPC reads the environment: `grpc_proxy`, `https_proxy`, `http_proxy`, and `no_proxy` by
// its own rules.
using Proxy = std::optional<Secret>;

// Returns a channel to `target`, `host:port` or any other gRPC target. Does not wait: the first
// call connects.
//
// Refuses plaintext to another machine with INVALID_ARGUMENT, unless it is allowed. Plaintext to
// this machine goes through no proxy, because a proxy is another machine. A service config from DNS
// is never used, because a retry policy in it would repeat writes.
Result<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                   const Transport& transport,
                                                   const Proxy& proxy = {});

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_CHANNEL_H_
