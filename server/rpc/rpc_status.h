// Converts an absl::Status into gRPC's.
#ifndef SERVER_RPC_RPC_STATUS_H_
#define SERVER_RPC_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace docspace::gateway {

// Packs the payloads into a google.rpc.Status for `grpc-status-details-bin`. Message and details
// stay under 4 KiB together, because gRPC's C++ client fails on trailers beyond about 8 KiB: the
// message is cut to 1 KiB, and details that no longer fit are left out.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace docspace::gateway

#endif  // SERVER_RPC_RPC_STATUS_H_
