// The decoder of the portal's answers, against protobuf's own JSON.
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "docspace/apikeys/v1/api_keys.pb.h"
#include "server/docspace/api_key_json.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/require.h"

namespace docspace::fuzz {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using google::protobuf::util::MessageDifferencer;

// Whether protobuf reads the value otherwise by design: it takes a field's name in the .proto for
// the field too, and what a member without a name holds for its holder's, and knows no date-time
// that is an object.
bool ReadOtherwise(const boost::json::value& value, const Descriptor& message) {
  if (const auto* list = value.if_array()) {
    for (const boost::json::value& element : *list) {
      if (ReadOtherwise(element, message)) return true;
    }
    return false;
  }
  if (!value.is_object()) return false;
  if (message.full_name() == "google.protobuf.Timestamp") return true;
  for (const auto& member : value.get_object()) {
    const std::string name(member.key());
    if (name.empty()) return true;
    const FieldDescriptor* field = nullptr;
    for (int i = 0; i < message.field_count(); ++i) {
      if (message.field(i)->json_name() == name) field = message.field(i);
    }
    if (field == nullptr && message.FindFieldByName(name) != nullptr) return true;
    if (field != nullptr && field->message_type() != nullptr &&
        ReadOtherwise(member.value(), *field->message_type())) {
      return true;
    }
  }
  return false;
}

// The portal's "no value", which is absent here: the first instant of year 1 in some offset.
bool IsNoValue(const Timestamp& instant) {
  constexpr std::int64_t kYear1 = -62135596800;
  constexpr std::int64_t kMaxOffset = 14 * 3600;
  return std::abs(instant.seconds() - kYear1) <= kMaxOffset && instant.nanos() == 0;
}

void ClearNoValues(ApiKey& key) {
  if (IsNoValue(key.last_used())) key.clear_last_used();
  if (IsNoValue(key.create_on())) key.clear_create_on();
  if (IsNoValue(key.expires_at())) key.clear_expires_at();
}
void ClearNoValues(CreateApiKeyResponse& response) { ClearNoValues(*response.mutable_api_key()); }
void ClearNoValues(GetApiKeyResponse& response) { ClearNoValues(*response.mutable_api_key()); }
void ClearNoValues(GetApiKeysResponse& response) {
  for (ApiKey& key : *response.mutable_api_keys()) ClearNoValues(key);
}
void ClearNoValues(Message&) {}

template <class Response>
void Decode(std::string_view input) {
  std::string body(input);
  Response decoded;
  const absl::Status status = gateway::FromJson(body, decoded);
  if (!status.ok()) {
    Require(status.code() == absl::StatusCode::kDataLoss, "what is refused is DATA_LOSS");
    Require(status.message().size() <= 200, "a refusal is short");
    Require(decoded.ByteSizeLong() == 0, "nothing of what is refused is kept");
    return;
  }

  std::string printed;
  google::protobuf::util::JsonPrintOptions print;
  print.always_print_primitive_fields = true;
  Require(MessageToJsonString(decoded, &printed, print).ok(), "what is decoded can be printed");
  Response again;
  Require(gateway::FromJson(printed, again).ok(), "what is printed can be decoded");
  Require(MessageDifferencer::Equals(decoded, again), "it is the same then");

  Response theirs;
  google::protobuf::util::JsonParseOptions parse;
  parse.ignore_unknown_fields = true;
  if (!JsonStringToMessage({input.data(), input.size()}, &theirs, parse).ok()) return;
  boost::system::error_code error;
  const boost::json::value document =
      boost::json::parse({input.data(), input.size()}, error, {}, {.max_depth = 100});
  if (error || ReadOtherwise(document, *Response::descriptor())) return;
  Response ours = decoded;
  ClearNoValues(ours);
  ClearNoValues(theirs);
  Require(MessageDifferencer::Equals(ours, theirs), "protobuf decodes it to the same");
}

}  // namespace
}  // namespace docspace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace docspace::fuzz;  // NOLINT(google-build-using-namespace): its one user.
  const std::string_view input = Text(data, size);
  Decode<CreateApiKeyResponse>(input);
  Decode<DeleteApiKeyResponse>(input);
  Decode<GetAllPermissionsResponse>(input);
  Decode<GetApiKeyResponse>(input);
  Decode<GetApiKeysResponse>(input);
  Decode<UpdateApiKeyResponse>(input);
  return 0;
}
