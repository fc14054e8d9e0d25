// The gRPC service of the six RPCs.
#ifndef SERVER_SERVICE_API_KEYS_SERVICE_H_
#define SERVER_SERVICE_API_KEYS_SERVICE_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "server/config/config.h"
#include "server/docspace/routes.h"
#include "server/log/recent_errors.h"
#include "server/log/rpc_log.h"
#include "server/metrics/rpc_metrics.h"
#include "server/rpc/background.h"
#include "server/service/call_admission.h"
#include "server/service/call_context.h"
#include "server/service/call_reporter.h"
#include "server/service/worker.h"
#include "server/tls/certificates.h"
#include "server/tracing/tracer.h"

namespace docspace::gateway {

// ApiKeysService registers the six RPCs with the workers and leads each call through its stages:
// CallAdmission, HandleCall, AddResponseTrailers and CallReporter.
class ApiKeysService {
 public:
  // `tracer` is null if calls are not traced. `caller_certificates` is as CallAdmission takes it.
  // Everything that is given must outlive the service.
  ApiKeysService(const Config& config, RpcLog& log, RpcMetrics& metrics, RecentErrors& errors,
                 const tracing::Tracer* tracer, CertificateSource caller_certificates);

  // Adds the service to the calls of `worker`, which carries each call that comes from its queue.
  // To be called before the worker takes calls. The service must outlive the worker's calls.
  void Serve(Worker& worker);

  CallAdmission& admission() { return admission_; }
  const CallAdmission& admission() const { return admission_; }

 private:
  template <class Request, class Response>
  class Call;

  template <class Request, class Response>
  void Add(Rpc rpc, Worker& worker);
  // The last stage of a call: trailers, reports, and the status that the caller gets.
  grpc::Status FinishCall(absl::Status status, CallContext& context);

  const Config& config_;
  CallAdmission admission_;
  CallReporter reporter_;
  Background background_;
};

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_API_KEYS_SERVICE_H_
