// Reports each call to operators: in its log line, metrics and trace, and among the recent errors.
#ifndef SERVER_SERVICE_CALL_REPORTER_H_
#define SERVER_SERVICE_CALL_REPORTER_H_

#include "absl/status/status.h"
#include "server/config/config.h"
#include "server/log/recent_errors.h"
#include "server/log/rpc_log.h"
#include "server/metrics/rpc_metrics.h"
#include "server/service/call_context.h"
#include "server/tracing/tracer.h"

namespace docspace::gateway {

// CallReporter reports each call twice: when it starts and when its status is known. Thread-safe
// for different contexts. Everything that the constructor takes must outlive this object.
class CallReporter {
 public:
  // `tracer` is null if calls are not traced.
  CallReporter(const Config& config, RpcLog& log, RpcMetrics& metrics, RecentErrors& errors,
               const tracing::Tracer* tracer)
      : config_(config), log_(log), metrics_(metrics), errors_(errors), tracer_(tracer) {}

  // Counts the call, and attaches the observers of its attempts to `context`.
  void OnStart(CallContext& context);

  // Completes the record of `context` and reports it. To be called once for each OnStart.
  void OnFinish(CallContext& context, const absl::Status& status);

 private:
  void StartTrace(CallContext& context) const;

  const Config& config_;
  RpcLog& log_;
  RpcMetrics& metrics_;
  RecentErrors& errors_;
  const tracing::Tracer* const tracer_;
};

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_CALL_REPORTER_H_
