#include "tests/testkit/call_result.h"

#include <stdexcept>

namespace docspace::gateway::testkit {

std::string CallResult::reason() const {
  const auto info = Find<google::rpc::ErrorInfo>();
  return info ? info->reason() : "";
}

std::string CallResult::domain() const {
  const auto info = Find<google::rpc::ErrorInfo>();
  return info ? info->domain() : "";
}

std::string CallResult::metadata(const std::string& name) const {
  const auto info = Find<google::rpc::ErrorInfo>();
  if (!info) return "";
  const auto found = info->metadata().find(name);
  return found == info->metadata().end() ? "" : found->second;
}

std::vector<std::pair<std::string, std::string>> CallResult::violations() const {
  std::vector<std::pair<std::string, std::string>> violations;
  const auto bad_request = Find<google::rpc::BadRequest>();
  if (!bad_request) return violations;
  for (const auto& violation : bad_request->field_violations()) {
    violations.emplace_back(violation.field(), violation.description());
  }
  return violations;
}

std::string CallResult::trailer(const std::string& name) const {
  const auto found = trailers.find(name);
  return found == trailers.end() ? "" : found->second;
}

std::string CallResult::Text() const {
  std::string text = status.error_message() + "\n" + rich.SerializeAsString() + "\n";
  for (const auto& [name, value] : trailers) text.append(name).append(": ").append(value + "\n");
  return text;
}

std::ostream& operator<<(std::ostream& out, const CallResult& outcome) {
  return out << "code " << outcome.status.error_code() << ", " << outcome.reason() << ": "
             << outcome.status.error_message();
}

CallResult CallResultOf(const grpc::Status& status, const grpc::ClientContext& context) {
  CallResult outcome{.status = status};
  if (!outcome.rich.ParseFromString(status.error_details())) {
    throw std::runtime_error("the details of a status cannot be parsed");
  }
  for (const auto& [name, value] : context.GetServerTrailingMetadata()) {
    outcome.trailers.emplace(std::string(name.data(), name.size()),
                             std::string(value.data(), value.size()));
  }
  return outcome;
}

}  // namespace docspace::gateway::testkit
