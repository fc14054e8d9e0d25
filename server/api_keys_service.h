// The six RPCs: credentials → encode → send → map or decode.
#ifndef SERVER_API_KEYS_SERVICE_H_
#define SERVER_API_KEYS_SERVICE_H_

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "server/admission.h"
#include "server/config.h"
#include "server/docspace/routes.h"
#include "server/memory_budget.h"
#include "server/rpc_log.h"
#include "server/tracing/tracer.h"
#include "server/worker.h"

namespace docspace::gateway {

class ApiKeysService {
 public:
  // Calls are carried by the worker whose queue they come from. Everything given outlives the
  // service.
  // Where there is a tracer, each call is traced.
  ApiKeysService(const Config& config, RpcLog& log, const tracing::Tracer* tracer);

  // To be registered with the server.
  grpc::Service& service() { return service_; }

  // Takes calls on `worker` from now on. The server has started.
  void Serve(Worker& worker);

  // Refuses calls from now on, with UNAVAILABLE; those in flight go on.
  void Close() { admission_.Close(); }
  std::size_t in_flight() const { return admission_.in_flight(); }
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
  static http::Task<absl::Status> Translate(const ServerCall& call, Exchange& exchange,
                                            const Request& request, Response& response);
  void Follow(Exchange& exchange) const;
  void BeginTrace(Exchange& exchange) const;
  absl::Status Admit(const Exchange& exchange) const;
  grpc::Status Conclude(const absl::Status& status, Exchange& exchange);

  const Config& config_;
  RpcLog& log_;
  const tracing::Tracer* const tracer_;
  Rpcs service_;
  Admission admission_;
  MemoryBudget memory_;
};

}  // namespace docspace::gateway

#endif  // SERVER_API_KEYS_SERVICE_H_
