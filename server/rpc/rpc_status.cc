#include "server/rpc/rpc_status.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/container/inlined_vector.h"
#include "absl/strings/cord.h"
#include "server/base/ascii.h"
#include "server/base/detail_types.h"
#include "server/base/utf8.h"
#include "server/base/wire_format.h"

namespace docspace::gateway {
namespace {

using google::protobuf::Any;
using google::rpc::BadRequest;

constexpr std::size_t kMaxMessage = 1024;
// The message is sent twice: in the status and in the details.
constexpr std::size_t kMaxMessageAndDetails = 4096 - kMaxMessage;
// The bytes that a status with one or two details takes.
constexpr std::size_t kUsualSize = 512;

struct Detail {
  std::string type_url;
  absl::Cord payload;

  // The details are sent in ascending order of this: ErrorInfo, short ones, violations.
  std::tuple<bool, std::size_t, std::string_view> Rank() const {
    return {type_url != kErrorInfoType, payload.size(), type_url};
  }
};

std::size_t SizeOfAny(std::string_view type_url, std::size_t value_size) {
  return SizeOfBytes(type_url.size()) + SizeOfBytes(value_size);
}

void AppendDetail(std::string& rich, std::string_view type_url, std::string_view value) {
  AppendLength(rich, google::rpc::Status::kDetailsFieldNumber, SizeOfAny(type_url, value.size()));
  AppendBytes(rich, Any::kTypeUrlFieldNumber, type_url);
  AppendBytes(rich, Any::kValueFieldNumber, value);
}

// Returns the first violations of a BadRequest, as many as fit into `room` bytes as a detail.
// Returns an empty text if none does, or if `detail` is not a BadRequest.
std::string ShortenViolations(const Detail& detail, std::size_t room) {
  BadRequest bad_request;
  if (detail.type_url != kBadRequestType ||
      !bad_request.ParseFromString(std::string(detail.payload))) {
    return {};
  }
  while (bad_request.field_violations_size() > 0 &&
         SizeOfBytes(SizeOfAny(kBadRequestType, bad_request.ByteSizeLong())) > room) {
    bad_request.mutable_field_violations()->RemoveLast();
  }
  return bad_request.SerializeAsString();
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message(TruncateUtf8(FromAbsl(status.message()), kMaxMessage));
  std::string rich;
  rich.reserve(kUsualSize);
  AppendInteger(rich, google::rpc::Status::kCodeFieldNumber, static_cast<int>(status.code()));
  if (!message.empty()) AppendBytes(rich, google::rpc::Status::kMessageFieldNumber, message);

  // absl::Status keeps no order.
  absl::InlinedVector<Detail, 4> details;
  status.ForEachPayload([&details](absl::string_view type_url, const absl::Cord& payload) {
    details.push_back({std::string(type_url), payload});
  });
  std::ranges::sort(details, {}, &Detail::Rank);
  for (Detail& detail : details) {
    const std::size_t room = kMaxMessageAndDetails - rich.size();
    if (SizeOfBytes(SizeOfAny(detail.type_url, detail.payload.size())) <= room) {
      AppendDetail(rich, detail.type_url, FromAbsl(detail.payload.Flatten()));
    } else if (const std::string shortened = ShortenViolations(detail, room); !shortened.empty()) {
      AppendDetail(rich, detail.type_url, shortened);
    }
  }
  return {static_cast<grpc::StatusCode>(status.code()), message, rich};
}

}  // namespace docspace::gateway
