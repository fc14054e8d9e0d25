#include "client/cpp/error.h"

#include <charconv>
#include <chrono>
#include <cstdint>

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace docspace::apikeys {
namespace {

void Read(const google::rpc::ErrorInfo& info, ApiKeysError& error) {
  error.reason = info.reason();
  error.domain = info.domain();
  error.metadata = {info.metadata().begin(), info.metadata().end()};
  if (const auto found = error.metadata.find("http_status"); found != error.metadata.end()) {
    const std::string& digits = found->second;
    std::from_chars(digits.data(), digits.data() + digits.size(), error.http_status);
  }
  if (const auto found = error.metadata.find("request_id"); found != error.metadata.end()) {
    error.request_id = found->second;
  }
}

void Read(const google::rpc::BadRequest& bad_request, ApiKeysError& error) {
  for (const auto& violation : bad_request.field_violations()) {
    error.field_violations.push_back({violation.field(), violation.description()});
  }
}

void Read(const google::rpc::QuotaFailure& failure, ApiKeysError& error) {
  for (const auto& violation : failure.violations()) {
    error.quota_violations.push_back({violation.subject(), violation.description()});
  }
}

void Read(const google::rpc::RetryInfo& info, ApiKeysError& error) {
  // A message may hold any number of seconds, but nanoseconds hold 292 years at most. The limit of
  // a year is compared in seconds, because the conversion to nanoseconds can overflow.
  constexpr std::chrono::seconds kLongest = std::chrono::years(1);
  const std::int64_t seconds = info.retry_delay().seconds();
  const std::int32_t nanos = info.retry_delay().nanos();
  if (!info.has_retry_delay() || seconds < 0 || nanos < 0) return;
  error.retry_delay = kLongest;
  if (seconds < kLongest.count()) {
    error.retry_delay = std::chrono::seconds(seconds) + std::chrono::nanoseconds(nanos);
  }
}

template <typename Detail>
void ReadAs(const google::protobuf::Any& any, ApiKeysError& error) {
  Detail detail;
  if (detail.ParseFromString(any.value())) Read(detail, error);
}

void ReadDetail(const google::protobuf::Any& any, ApiKeysError& error) {
  const std::string& url = any.type_url();
  if (url.ends_with("/google.rpc.ErrorInfo")) ReadAs<google::rpc::ErrorInfo>(any, error);
  if (url.ends_with("/google.rpc.BadRequest")) ReadAs<google::rpc::BadRequest>(any, error);
  if (url.ends_with("/google.rpc.RetryInfo")) ReadAs<google::rpc::RetryInfo>(any, error);
  if (url.ends_with("/google.rpc.QuotaFailure")) ReadAs<google::rpc::QuotaFailure>(any, error);
}

}  // namespace

bool ApiKeysError::IsKnownNotApplied() const {
  if (IsSafeToRetry()) return true;
  const auto write_sent = metadata.find("write_sent");
  return IsFromGateway() && write_sent != metadata.end() && write_sent->second == "false";
}

bool ApiKeysError::IsSafeToRetry() const {
  if (!IsFromGateway()) return false;
  if (code == grpc::StatusCode::UNAVAILABLE) return true;
  return code == grpc::StatusCode::RESOURCE_EXHAUSTED &&
         (reason == "RATE_LIMITED" || reason == "GATEWAY_OVERLOADED");
}

ApiKeysError DecodeError(const grpc::Status& status) {
  ApiKeysError error;
  error.code = status.error_code();
  error.message = status.error_message();
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return error;
  for (const google::protobuf::Any& any : details.details()) ReadDetail(any, error);
  return error;
}

std::string CodeName(grpc::StatusCode code) {
  const std::string& name = google::rpc::Code_Name(static_cast<google::rpc::Code>(code));
  return name.empty() ? std::to_string(code) : name;
}

}  // namespace docspace::apikeys
