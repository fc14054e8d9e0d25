// Compares the codec of the portal's JSON with protobuf's own printer and parser.
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client/cli/json_print_defaults.h"
#include "docspace/apikeys/v1/api_keys.pb.h"
#include "server/docspace/api_key_json.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/require.h"

namespace docspace::fuzz {
namespace {

namespace json = boost::json;
using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using google::protobuf::util::MessageDifferencer;
using google::protobuf::util::TimeUtil;

Timestamp ReadInstant(const std::string& text) {
  Timestamp instant;
  Require(TimeUtil::FromString(text, &instant), "protobuf knows the date-time too");
  return instant;
}

// Returns the instant of a date-time in either form, or nothing for the portal's "no value": the
// first instant of year 1, in UTC or in the portal's own time.
std::optional<Timestamp> InstantOf(const json::value& date_time) {
  const Timestamp no_value = TimeUtil::SecondsToTimestamp(TimeUtil::kTimestampMinSeconds);
  const std::string text(date_time.is_object() ? date_time.at("utcTime").as_string()
                                               : date_time.as_string());
  const std::size_t offset = text.find_first_of("Z+-", text.find('T'));
  if (ReadInstant(text.substr(0, offset) + "Z") == no_value) return std::nullopt;
  const Timestamp instant = ReadInstant(text);
  if (instant == no_value) return std::nullopt;
  return instant;
}

bool IsDateTime(const FieldDescriptor& field) {
  return field.message_type() != nullptr &&
         field.message_type()->full_name() == "google.protobuf.Timestamp";
}

bool IsDefault(const json::value& value) {
  return value == json::value(false) || value == json::value(0) || value == json::value("") ||
         value == json::value(json::array());
}

// Returns whether callers may open the field's value as a URL. Only http and https URLs are passed
// on.
bool IsUrl(const FieldDescriptor& field) {
  return field.name() == "href" || field.name() == "profile_url" ||
         (field.name().starts_with("avatar") && field.name() != "avatar_is_own");
}

bool StartsWithAWebScheme(std::string_view url) {
  const std::size_t colon = url.find(':');
  std::string scheme(url.substr(0, colon));
  std::ranges::transform(scheme, scheme.begin(), [](char c) { return c | 0x20; });
  return colon != std::string_view::npos && (scheme == "http" || scheme == "https");
}

void CheckUrl(std::string_view theirs, const json::value* ours) {
  const bool is_ascii = std::ranges::all_of(theirs, [](char c) { return c > ' ' && c < 0x7F; });
  if (ours == nullptr) {
    const bool is_plain =
        is_ascii && (theirs.starts_with("https://") || theirs.starts_with("http://"));
    Require(!is_plain, "a web address is there");
    return;
  }
  Require(*ours == json::value(theirs), "a value stays as it is");
  const std::size_t colon = theirs.find(':');
  Require(colon == std::string_view::npos || StartsWithAWebScheme(theirs) ||
              theirs.find_first_of("/?#") < colon,
          "an address has no scheme but those of the web");
}

void CheckMembers(const json::object& input, const json::object& printed, const Descriptor& type);

void CheckValue(const json::value& input, const json::value& printed,
                const FieldDescriptor& field) {
  if (field.message_type() == nullptr) {
    Require(printed == input, "a value stays as it is");
  } else if (IsDateTime(field)) {
    Require(InstantOf(printed) == InstantOf(input), "an instant stays as it is");
  } else {
    CheckMembers(input.as_object(), printed.as_object(), *field.message_type());
  }
}

bool IsNothing(const json::value* value, const FieldDescriptor& field) {
  if (value == nullptr || value->is_null()) return true;
  return IsDateTime(field) && !InstantOf(*value);
}

// Checks that `printed`, protobuf's canonical JSON of the decoded `input`, has the same members as
// `input`, apart from those that the message does not know.
void CheckMembers(const json::object& input, const json::object& printed, const Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const json::value* theirs = input.if_contains(field.json_name());
    const json::value* ours = printed.if_contains(field.json_name());
    if (IsNothing(theirs, field)) {
      Require(ours == nullptr || IsDefault(*ours), "what does not come is not there");
      continue;
    }
    if (IsUrl(field)) {
      CheckUrl(theirs->as_string(), ours);
      continue;
    }
    Require(ours != nullptr, "what comes is there");
    if (!field.is_repeated()) {
      CheckValue(*theirs, *ours, field);
      continue;
    }
    Require(ours->as_array().size() == theirs->as_array().size(), "a list is as long as it came");
    for (std::size_t at = 0; at < ours->as_array().size(); ++at) {
      CheckValue(theirs->as_array()[at], ours->as_array()[at], field);
    }
  }
}

// Checks that protobuf parses the encoded request to the original message.
template <class Request>
void CheckEncoded(const Request& request) {
  Request again;
  Require(google::protobuf::util::JsonStringToMessage(gateway::ToJson(request), &again).ok(),
          "protobuf reads what is sent");
  Require(MessageDifferencer::Equals(request, again), "it reads the same");
}

// Checks the requests that a caller may build from a response.
void CheckRequestsOf(const CreateApiKeyResponse& response) {
  CreateApiKeyRequest create;
  create.set_name(response.api_key().name());
  *create.mutable_permissions() = response.api_key().permissions();
  if (response.has_count()) create.set_expires_in_days(response.count());
  CheckEncoded(create);
  UpdateApiKeyRequest update;
  if (response.api_key().has_name()) update.set_name(response.api_key().name());
  *update.mutable_permissions() = create.permissions();
  if (response.api_key().has_is_active()) update.set_is_active(response.api_key().is_active());
  CheckEncoded(update);
}

void CheckRequestsOf(const Message& /*others*/) {}

template <class Response>
Response Parsed(const gateway::EncodedResponse<Response>& encoded) {
  Response message;
  const std::string_view bytes = encoded.bytes();
  Require(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
          "Protobuf reads the message");
  Require(message.ByteSizeLong() == bytes.size(), "the message is as short as Protobuf's own");
  return message;
}

template <class Response>
void CheckDecoded(std::string_view input) {
  std::string body(input);
  gateway::EncodedResponse<Response> encoded;
  const absl::Status status = gateway::FromJson(body, encoded);
  if (!status.ok()) {
    Require(status.code() == absl::StatusCode::kDataLoss, "what is refused is DATA_LOSS");
    Require(status.message().size() <= 200, "a refusal is short");
    Require(encoded.size() == 0, "nothing of what is refused is kept");
    Require(status.message() != "not JSON: the parser failed", "no message is too long");
    return;
  }

  const Response decoded = Parsed(encoded);
  std::string printed;
  google::protobuf::util::JsonPrintOptions print;
  apikeys::cli::PrintDefaults(print);
  Require(google::protobuf::util::MessageToJsonString(decoded, &printed, print).ok(),
          "what is decoded can be printed");
  boost::system::error_code error;
  // Row R19: the gateway skips a byte order mark, which Boost's parser does not know.
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const std::string_view text =
      input.substr(input.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  const json::value document = json::parse(text, error, {}, {.max_depth = 64});
  // Boost's parser refuses exponents that exceed an int. Such inputs are not compared.
  if (error != json::error::exponent_overflow) {
    Require(!error, "what is decoded is JSON");
    CheckMembers(document.as_object(), json::parse(printed).as_object(), *Response::descriptor());
  }
  CheckRequestsOf(decoded);

  gateway::EncodedResponse<Response> again;
  Require(gateway::FromJson(printed, again).ok(), "what is printed can be decoded");
  Require(MessageDifferencer::Equals(decoded, Parsed(again)), "it is the same then");
}

}  // namespace
}  // namespace docspace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace docspace::fuzz;  // NOLINT(google-build-using-namespace): its one user.
  const std::string_view input = Text(data, size);
  CheckDecoded<CreateApiKeyResponse>(input);
  CheckDecoded<DeleteApiKeyResponse>(input);
  CheckDecoded<GetAllPermissionsResponse>(input);
  CheckDecoded<GetApiKeyResponse>(input);
  CheckDecoded<GetApiKeysResponse>(input);
  CheckDecoded<UpdateApiKeyResponse>(input);
  return 0;
}
