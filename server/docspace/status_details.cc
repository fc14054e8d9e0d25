#include "server/docspace/status_details.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/rpc/error_details.pb.h>

#include <cstdint>

#include "absl/strings/cord.h"
#include "server/base/ascii.h"
#include "server/base/detail_types.h"
#include "server/base/wire_format.h"

namespace docspace::gateway {
namespace {

using google::protobuf::Duration;
using google::rpc::BadRequest;
using google::rpc::ErrorInfo;
using google::rpc::QuotaFailure;
using google::rpc::RetryInfo;

// The bytes that an ErrorInfo takes.
constexpr std::size_t kUsualSize = 256;

void Attach(absl::Status& status, std::string_view type_url, std::string_view detail) {
  status.SetPayload(ToAbsl(type_url), absl::Cord(ToAbsl(detail)));
}

// Returns a message with these strings as its fields 1 and 2: an entry of a map, or a violation.
std::string Pair(std::string_view first, std::string_view second) {
  std::string pair;
  pair.reserve(SizeOfBytes(first.size()) + SizeOfBytes(second.size()));
  if (!first.empty()) AppendBytes(pair, 1, first);
  if (!second.empty()) AppendBytes(pair, 2, second);
  return pair;
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, std::string_view message,
                       const ErrorDetails& details) {
  absl::Status status(code, ToAbsl(message));
  std::string detail;
  detail.reserve(kUsualSize);
  // ReasonOf relies on the reason being first.
  AppendBytes(detail, ErrorInfo::kReasonFieldNumber, NameOf(details.reason));
  AppendBytes(detail, ErrorInfo::kDomainFieldNumber, kErrorDomain);
  for (const auto& [name, value] : details.metadata) {
    AppendBytes(detail, ErrorInfo::kMetadataFieldNumber, Pair(name, value));
  }
  Attach(status, kErrorInfoType, detail);

  if (!details.violations.empty()) {
    detail.clear();
    for (const auto& [field, description] : details.violations) {
      AppendBytes(detail, BadRequest::kFieldViolationsFieldNumber, Pair(field, description));
    }
    Attach(status, kBadRequestType, detail);
  }
  if (details.retry_after) {
    const absl::Duration delay = *details.retry_after;
    std::string duration;
    AppendInteger(duration, Duration::kSecondsFieldNumber, absl::ToInt64Seconds(delay));
    AppendInteger(duration, Duration::kNanosFieldNumber,
                  absl::ToInt64Nanoseconds(delay % absl::Seconds(1)));
    detail.clear();
    AppendBytes(detail, RetryInfo::kRetryDelayFieldNumber, duration);
    Attach(status, kRetryInfoType, detail);
  }
  if (details.quota) {
    detail.clear();
    AppendBytes(detail, QuotaFailure::kViolationsFieldNumber, Pair("caller", *details.quota));
    Attach(status, kQuotaFailureType, detail);
  }
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  auto info = status.GetPayload(ToAbsl(kErrorInfoType));
  if (!info) return "";
  const absl::string_view bytes = info->Flatten();
  std::string reason;
  std::uint32_t size = 0;
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  if (input.ReadTag() == 0 || !input.ReadVarint32(&size) ||
      !input.ReadString(&reason, static_cast<int>(size))) {
    return "";
  }
  return reason;
}

std::optional<std::string> RetryPushbackOf(const absl::Status& status) {
  const auto payload = status.GetPayload(ToAbsl(kRetryInfoType));
  RetryInfo retry;
  if (!payload || !retry.ParseFromString(std::string(*payload))) return std::nullopt;
  const Duration& delay = retry.retry_delay();
  return std::to_string(delay.seconds() * 1000 + delay.nanos() / 1'000'000);
}

absl::Status WithRequestId(absl::Status status, const std::string& request_id) {
  auto info = status.GetPayload(ToAbsl(kErrorInfoType));
  if (!info) return status;
  std::string entry;
  AppendBytes(entry, ErrorInfo::kMetadataFieldNumber, Pair("request_id", request_id));
  info->Append(entry);
  status.SetPayload(ToAbsl(kErrorInfoType), *std::move(info));
  return status;
}

}  // namespace docspace::gateway
