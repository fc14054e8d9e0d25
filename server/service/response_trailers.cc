#include "server/service/response_trailers.h"

#include "server/docspace/status_details.h"

namespace docspace::gateway {

void AddResponseTrailers(CallContext& context, const absl::Status& status) {
  grpc::ServerContext& server_context = context.server_context;
  server_context.AddTrailingMetadata("x-request-id", context.forwarded.request_id);
  for (const http::Header& header : context.returned) {
    server_context.AddTrailingMetadata(header.name, header.value);
  }
  if (const auto pushback = RetryPushbackOf(status)) {
    server_context.AddTrailingMetadata("grpc-retry-pushback-ms", *pushback);
  }
}

}  // namespace docspace::gateway
