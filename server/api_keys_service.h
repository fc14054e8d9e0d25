// The six RPCs: credentials → encode → send → map or decode.
#ifndef SERVER_API_KEYS_SERVICE_H_
#define SERVER_API_KEYS_SERVICE_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/admin/recent_errors.h"
#include "server/admin/rpc_metrics.h"
#include "server/admission.h"
#include "server/allowed_callers.h"
#include "server/background.h"
#include "server/config.h"
#include "server/credential_tags.h"
#include "server/docspace/routes.h"
#include "server/memory_budget.h"
#include "server/portal_choice.h"
#include "server/rpc_log.h"
#include "server/tracing/tracer.h"
#include "server/worker.h"

namespace docspace::gateway {

class ApiKeysService {
 public:
  // Calls are carried by the worker whose queue they come from. Everything given outlives the
  // service.
  // Where there is a tracer, each call is traced.
  ApiKeysService(const Config& config, RpcLog& log, RpcMetrics& metrics, RecentErrors& errors,
                 const tracing::Tracer* tracer);

  // To be registered with the server.
  grpc::Service& service() { return service_; }

  // Takes calls on `worker` from now on. The server has started.
  void Serve(Worker& worker);

  // Refuses calls from now on, with UNAVAILABLE; those in flight go on.
  void Close();
  // Of all portals.
  std::size_t in_flight() const;
  // Of each portal, in the order of Config::Portals.
  const std::deque<Admission>& admissions() const { return admissions_; }
  const MemoryBudget& memory() const { return memory_; }

 private:
  struct Exchange;
  template <class Request, class Response>
  class Call;
  // How gRPC is asked for a call of one RPC: a generated class has a base class for each.
  template <class Base, class Request, class Response>
  using AskFor = void (Base::*)(grpc::ServerContext*, Request*,
                                grpc::ServerAsyncResponseWriter<Response>*, grpc::CompletionQueue*,
                                grpc::ServerCompletionQueue*, void*);
  using Rpcs = apikeys::v1::ApiKeys::AsyncService;

  template <class Base, class Request, class Response>
  void Await(Rpc rpc, AskFor<Base, Request, Response> ask, Worker& worker);
  template <class Request, class Response>
  http::Task<absl::Status> Translate(const ServerCall& call, Exchange& exchange,
                                     const Request& request, Response& response);
  template <class Response>
  http::Task<absl::Status> Decode(Exchange& exchange, std::string body, Response& response);
  void Follow(Exchange& exchange) const;
  void BeginTrace(Exchange& exchange) const;
  absl::Status Admit(Exchange& exchange);
  grpc::Status Conclude(const absl::Status& status, Exchange& exchange);

  const Config& config_;
  RpcLog& log_;
  RpcMetrics& metrics_;
  RecentErrors& errors_;
  const tracing::Tracer* const tracer_;
  Rpcs service_;
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

#endif  // SERVER_API_KEYS_SERVICE_H_
