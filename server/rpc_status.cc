#include "server/rpc_status.h"

#include <google/rpc/status.pb.h>

#include <string>
#include <utility>
#include <vector>

namespace docspace::gateway {
namespace {

constexpr std::size_t kMaxMessage = 1024;
// The message is sent twice: beside the details and in them.
constexpr std::size_t kMaxMessageAndDetails = 4096 - kMaxMessage;
constexpr std::string_view kErrorInfo = "type.googleapis.com/google.rpc.ErrorInfo";

// Never inside a character of UTF-8.
std::string CutToFit(std::string text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  text.resize(size);
  return text;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status rich;
  rich.set_code(static_cast<int>(status.code()));
  rich.set_message(CutToFit(std::string(status.message()), kMaxMessage));

  std::vector<std::pair<std::string, std::string>> details;
  status.ForEachPayload([&details](absl::string_view type_url, const absl::Cord& payload) {
    std::pair<std::string, std::string> detail(type_url, payload);
    const bool first = detail.first == kErrorInfo;
    details.insert(first ? details.begin() : details.end(), std::move(detail));
  });
  for (auto& [type_url, value] : details) {
    if (rich.ByteSizeLong() + type_url.size() + value.size() + 16 > kMaxMessageAndDetails) continue;
    auto& detail = *rich.add_details();
    detail.set_type_url(std::move(type_url));
    detail.set_value(std::move(value));
  }
  return {static_cast<grpc::StatusCode>(rich.code()), rich.message(), rich.SerializeAsString()};
}

}  // namespace docspace::gateway
