#include "server/rpc/rpc_status.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <map>
#include <string>

#include "server/base/utf8.h"

namespace docspace::gateway {
namespace {

constexpr std::size_t kMaxMessage = 1024;
// The message is sent twice: in the status and in the details.
constexpr std::size_t kMaxMessageAndDetails = 4096 - kMaxMessage;
constexpr std::string_view kErrorInfo = "type.googleapis.com/google.rpc.ErrorInfo";

// Removes violations from the end until `rich` fits. Returns false if it does not fit even without
// any.
bool ShortenViolations(google::rpc::Status& rich, google::protobuf::Any& detail) {
  google::rpc::BadRequest bad_request;
  if (!detail.UnpackTo(&bad_request)) return false;
  while (rich.ByteSizeLong() > kMaxMessageAndDetails && bad_request.field_violations_size() > 0) {
    bad_request.mutable_field_violations()->RemoveLast();
    detail.PackFrom(bad_request);
  }
  return bad_request.field_violations_size() > 0;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status rich;
  rich.set_code(static_cast<int>(status.code()));
  const absl::string_view message = status.message();
  rich.set_message(
      std::string(TruncateUtf8(std::string_view(message.data(), message.size()), kMaxMessage)));

  // The details in the order of importance: ErrorInfo, short ones, violations. absl::Status keeps
  // no order.
  std::multimap<std::pair<bool, std::size_t>, google::protobuf::Any> details;
  status.ForEachPayload([&details](absl::string_view type_url, const absl::Cord& payload) {
    google::protobuf::Any detail;
    detail.set_type_url(std::string(type_url));
    detail.set_value(std::string(payload));
    details.emplace(std::pair(detail.type_url() != kErrorInfo, payload.size()), detail);
  });
  for (auto& [importance, detail] : details) {
    rich.add_details()->Swap(&detail);
    if (rich.ByteSizeLong() <= kMaxMessageAndDetails) continue;
    google::protobuf::Any& last = *rich.mutable_details(rich.details_size() - 1);
    if (!ShortenViolations(rich, last)) rich.mutable_details()->RemoveLast();
  }
  return {static_cast<grpc::StatusCode>(rich.code()), rich.message(), rich.SerializeAsString()};
}

}  // namespace docspace::gateway
