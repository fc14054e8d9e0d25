// Makes channels to a gateway, with the settings that the client needs.
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

// TLS. The gateway's certificate and host name are always verified.
struct Tls {
  // The authorities to trust, in PEM. If empty, those of the system are trusted.
  std::string ca_pem;
  // The certificate chain and its key, in PEM, that authenticate this client to a gateway that asks
  // for a certificate. Set both or neither.
  std::string certificate_pem;
  Secret private_key_pem;
};

// No encryption, not even of the credential. It is meant for a gateway on this machine.
struct Plaintext {
  // Allows plaintext to other machines. Set it only in networks that encrypt all traffic, such as a
  // service mesh, because otherwise every machine on the way can read the credential.
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
