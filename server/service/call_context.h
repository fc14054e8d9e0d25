// The state of one call, which its stages pass on to each other.
#ifndef SERVER_SERVICE_CALL_CONTEXT_H_
#define SERVER_SERVICE_CALL_CONTEXT_H_

#include <grpcpp/server_context.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/caller/credentials.h"
#include "server/caller/forwarded_metadata.h"
#include "server/docspace/routes.h"
#include "server/http/attempt_observer.h"
#include "server/http/message.h"
#include "server/log/rpc_log.h"
#include "server/metrics/rpc_metrics.h"
#include "server/overload/concurrency_limiter.h"
#include "server/overload/memory_budget.h"
#include "server/service/attempt_log.h"
#include "server/service/worker.h"
#include "server/tracing/rpc_trace.h"

namespace docspace::gateway {

// CallContext holds the state of a call, from its headers until its status. It must be used on the
// thread of the call's worker. `its_server_context` and `its_worker` must outlive it.
struct CallContext {
  CallContext(Rpc rpc, grpc::ServerContext& its_server_context, Worker& its_worker,
              MetadataView its_metadata)
      : route(RouteOf(rpc)),
        server_context(its_server_context),
        worker(its_worker),
        metadata(std::move(its_metadata)) {}

  const Route& route;
  grpc::ServerContext& server_context;
  Worker& worker;
  const http::Clock::time_point started_at = http::Clock::now();
  const MetadataView metadata;
  const ForwardedMetadata forwarded = SelectForwarded(metadata);
  // The index of the portal that the call is for, or the reason why there is none.
  absl::StatusOr<std::size_t> portal = absl::UnknownError("");
  // The credential that the portal gets, or the reason why there is none.
  absl::StatusOr<http::Credential> credential = ParseCredential(metadata);
  // The call returns both when it gets its status, not when its caller has read it.
  std::optional<ConcurrencyLimiter::Permit> permit;
  std::optional<MemoryBudget::Reservation> memory;
  // A long response that another thread decodes, together with the memory that is charged for it.
  std::shared_ptr<void> decoding;
  // True from the moment at which the portal may act on the call.
  bool sending = false;
  // The limit of the gateway that refused the call.
  std::optional<RpcMetrics::ShedCause> shed;
  RpcRecord record;
  // The headers of the portal's response that the caller gets.
  std::vector<http::Header> returned;
  std::optional<tracing::RpcTrace> trace;
  std::optional<AttemptLog> attempt_log;
  // Observes the attempts at the portal. Null if nothing does.
  http::AttemptObserver* observer = nullptr;
};

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_CALL_CONTEXT_H_
