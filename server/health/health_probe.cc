#include "server/health/health_probe.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>
#include <string>
#include <string_view>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/base/host_port.h"

namespace docspace::gateway {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr std::chrono::seconds kPatience(3);

// Returns the host at which this machine reaches a server of its own that listens at `host`. It is
// never `::1`, because a container may lack that although it has IPv6.
std::string_view NearbyHost(std::string_view host) {
  return host == kAnyAddress || host == kAnyIpv4Address ? "127.0.0.1" : host;
}

}  // namespace

absl::Status ProbeHealth(const Config& config) {
  const bool has_port = !config.listen.health.empty();
  if (!has_port && !config.tls.certificates.certificate_file.empty()) {
    return absl::InvalidArgumentError(
        "--health-probe needs --health-listen if callers are served over TLS");
  }
  const absl::StatusOr<HostPort> listening =
      ParseHostPort(has_port ? config.listen.health : config.listen.address);
  if (!listening.ok() || listening->port.value_or(0) == 0) {
    return absl::InvalidArgumentError("--health-probe needs an address with a fixed port");
  }
  const std::string address = FormatHostPort(NearbyHost(listening->host), listening->port);
  grpc::ChannelArguments arguments;
  // The gateway is on this machine. A proxy of the environment would connect to another one.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto health = Health::NewStub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  HealthCheckResponse response;
  const grpc::Status status = health->Check(&context, HealthCheckRequest(), &response);
  if (!status.ok()) return absl::UnavailableError(address + ": " + status.error_message());
  if (response.status() != HealthCheckResponse::SERVING) {
    return absl::UnavailableError(address + " says " +
                                  HealthCheckResponse::ServingStatus_Name(response.status()));
  }
  return absl::OkStatus();
}

}  // namespace docspace::gateway
