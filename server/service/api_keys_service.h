// The six RPCs: credentials → encode → send → map or decode.
#ifndef SERVER_SERVICE_API_KEYS_SERVICE_H_
#define SERVER_SERVICE_API_KEYS_SERVICE_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/caller/allowed_callers.h"
#include "server/caller/credential_tags.h"
#include "server/caller/portal_choice.h"
#include "server/config/config.h"
#include "server/docspace/routes.h"
#include "server/log/recent_errors.h"
#include "server/log/rpc_log.h"
#include "server/metrics/rpc_metrics.h"
#include "server/overload/admission.h"
#include "server/overload/memory_budget.h"
#include "server/rpc/background.h"
#include "server/service/worker.h"
#include "server/tracing/tracer.h"

namespace docspace::gateway {

class ApiKeysService {
 public:
  // Calls are carried by the worker whose queue they come from. Everything given outlives the
  // service.
  // Where there is a tracer, each call is traced.
  ApiKeysService(const Config& config, RpcLog& log, RpcMetrics& metrics, RecentErrors& errors,
                 const tracing::Tracer* tracer);

  // Adds the service to what `worker` serves.
  void Serve(Worker& worker);

  // Refuses calls from now on, with UNAVAILABLE; those in flight go on.
  void Close();
  // Of all portals.
  std::size_t in_flight() const;
  // Of each portal, in the order of Config::Portals.
  const std::deque<Admission>& admissions() const { return admissions_; }
  const MemoryBudget& memory() const { return memory_; }
  const AllowedCallers& allowed_callers() const { return allowed_callers_; }

 private:
  struct Exchange;
  template <class Request, class Response>
  class Call;

  template <class Request, class Response>
  void Add(Rpc rpc, Worker& worker);
  template <class Request, class Response>
  http::Task<absl::Status> Translate(const ServerCall& call, Exchange& exchange,
                                     const Request& request, Response& response);
  template <class Response>
  http::Task<absl::Status> Decode(Exchange& exchange, std::string body, Response& response);
  void Follow(Exchange& exchange) const;
  void BeginTrace(Exchange& exchange) const;
  // What can be judged before the message is there.
  absl::Status JudgeHead(const Exchange& exchange) const;
  absl::Status Admit(Exchange& exchange, std::size_t message_bytes);
  grpc::Status Conclude(const absl::Status& status, Exchange& exchange);

  const Config& config_;
  RpcLog& log_;
  RpcMetrics& metrics_;
  RecentErrors& errors_;
  const tracing::Tracer* const tracer_;
  const AllowedCallers allowed_callers_;
  const CredentialTags credential_tags_;
  const std::vector<std::string> portals_;
  const PortalChoice choice_;
  // Of each portal: one that is slow takes no other's calls.
  std::deque<Admission> admissions_;
  MemoryBudget memory_;
  Background background_;
};

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_API_KEYS_SERVICE_H_
