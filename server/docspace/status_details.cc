#include "server/docspace/status_details.h"

#include <google/rpc/error_details.pb.h>

namespace docspace::gateway {
namespace {

template <class Detail>
std::string TypeUrl() {
  return "type.googleapis.com/" + Detail::descriptor()->full_name();
}

template <class Detail>
void Attach(absl::Status& status, const Detail& detail) {
  status.SetPayload(TypeUrl<Detail>(), absl::Cord(detail.SerializeAsString()));
}

template <class Detail>
std::optional<Detail> Find(const absl::Status& status) {
  const auto payload = status.GetPayload(TypeUrl<Detail>());
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, std::string_view message,
                       const ErrorDetails& details) {
  absl::Status status(code, std::string(message));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(NameOf(details.reason)));
  info.set_domain(std::string(kErrorDomain));
  for (const auto& [name, value] : details.metadata) (*info.mutable_metadata())[name] = value;
  Attach(status, info);

  if (!details.violations.empty()) {
    google::rpc::BadRequest bad_request;
    for (const FieldViolation& violation : details.violations) {
      auto& added = *bad_request.add_field_violations();
      added.set_field(violation.field);
      added.set_description(violation.description);
    }
    Attach(status, bad_request);
  }
  if (details.retry_after) {
    google::rpc::RetryInfo retry;
    const absl::Duration delay = *details.retry_after;
    retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
    retry.mutable_retry_delay()->set_nanos(
        static_cast<std::int32_t>(absl::ToInt64Nanoseconds(delay % absl::Seconds(1))));
    Attach(status, retry);
  }
  if (details.quota) {
    google::rpc::QuotaFailure quota;
    auto& violation = *quota.add_violations();
    violation.set_subject("caller");
    violation.set_description(*details.quota);
    Attach(status, quota);
  }
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = Find<google::rpc::ErrorInfo>(status);
  return info ? info->reason() : "";
}

std::optional<std::string> RetryPushbackOf(const absl::Status& status) {
  const auto retry = Find<google::rpc::RetryInfo>(status);
  if (!retry) return std::nullopt;
  const auto& delay = retry->retry_delay();
  return std::to_string(delay.seconds() * 1000 + delay.nanos() / 1'000'000);
}

absl::Status WithRequestId(absl::Status status, const std::string& request_id) {
  if (auto info = Find<google::rpc::ErrorInfo>(status)) {
    (*info->mutable_metadata())["request_id"] = request_id;
    Attach(status, *info);
  }
  return status;
}

}  // namespace docspace::gateway
