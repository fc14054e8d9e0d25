#include "bench/work/work.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "bench/contents.h"
#include "docspace/apikeys/v1/api_keys.pb.h"
#include "server/caller/credential_tags.h"
#include "server/caller/credentials.h"
#include "server/caller/forwarded_metadata.h"
#include "server/docspace/api_key_json.h"
#include "server/docspace/encoded_response.h"
#include "server/docspace/errors.h"
#include "server/docspace/routes.h"
#include "server/docspace/status_details.h"
#include "server/http/request_writer.h"
#include "server/http/response_reader.h"
#include "server/log/console_log.h"
#include "server/log/json_log.h"
#include "server/log/rpc_log.h"
#include "server/overload/concurrency_limiter.h"
#include "server/rpc/message_buffer.h"
#include "server/rpc/rpc_status.h"

namespace docspace::bench {
namespace {

using namespace gateway;      // NOLINT(google-build-using-namespace): all that is measured here.
using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of six RPCs.

constexpr char kKeyId[] = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
constexpr char kBearer[] =
    "Bearer sk-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
constexpr char kValidationJson[] =
    R"({"response":{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1",)"
    R"("title":"One or more validation errors occurred.","status":400,"errors":)"
    R"({"Name":["The Name field is required."],"ExpiresInDays":["Must be between 1 and 365"]}},)"
    R"("count":1,"status":1,"statusCode":400})";
constexpr char kHtml[] =
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1>"
    "</center><hr><center>nginx</center></body></html>";

void Require(bool as_it_should_be, const char* what) {
  if (!as_it_should_be) throw std::runtime_error(what);
}

// The work includes the copy, which is needed because JSON is parsed in place. The copy has the
// spare capacity that the reader of responses leaves.
template <class Response>
std::function<void()> Decode(std::string json) {
  return [json = std::move(json)] {
    std::string body;
    body.reserve(json.size() + http::kBodyPadding);
    body = json;
    EncodedResponse<Response> response;
    Require(FromJson(body, response).ok(), "the JSON was not decoded");
    const std::size_t size = response.size();
    const grpc::ByteBuffer message =
        ToByteBuffer(response.Release(), size, EncodedResponse<Response>::Free);
    Require(message.Length() > 0, "the response was not encoded");
  };
}

template <class Request>
std::function<void()> EncodeRequest(Request request) {
  return [request = std::move(request)] {
    Require(Encode(request).ok(), "the request was not encoded");
  };
}

std::function<void()> ReadCredentials(MetadataView metadata) {
  return [metadata = std::move(metadata)] {
    Require(ParseCredential(metadata).ok(), "the credential was not accepted");
  };
}

std::function<void()> Admit(std::string value) {
  return [limiter = std::make_shared<ConcurrencyLimiter>(ConcurrencyLimiterOptions{}),
          tags = std::make_shared<CredentialTags>(),
          credential = http::Credential{"Authorization", Secret(std::move(value))}] {
    Require(bool(limiter->TryAcquire(tags->TagOf(credential), /*is_write=*/false)),
            "the call was not admitted");
  };
}

std::function<void()> MapError(Rpc rpc, int status, std::string body) {
  return
      [rpc, response = http::Response{.status = status, .headers = {}, .body = std::move(body)}] {
        Require(!ToGrpcStatus(ErrorFromResponse(rpc, response, absl::UnixEpoch())).ok(),
                "an error became a success");
      };
}

// Prepares the status of an error for gRPC, as the service does at the end of each call.
std::function<void()> FinishError(const absl::Status& status) {
  return [status] {
    Require(!ReasonOf(status).empty(), "the error has no reason");
    Require(RetryPushbackOf(status).has_value(), "the error does not say when to try again");
    Require(!ToGrpcStatus(WithRequestId(status, "0123456789abcdef0123456789abcdef")).ok(),
            "an error became a success");
  };
}

// Reads a response as nginx sends it, in reads as large as the reader asks for.
std::function<void()> ReadResponse(const std::string& body) {
  const std::string octets =
      "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 15 Jun 2026 10:30:00 GMT\r\n"
      "Content-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size()) +
      "\r\nLast-Modified: Mon, 15 Jun 2026 10:00:00 GMT\r\nConnection: keep-alive\r\n"
      "ETag: \"6b059992-492\"\r\nAccept-Ranges: bytes\r\n\r\n" +
      body;
  return [octets] {
    using Progress = http::ResponseReader::Progress;
    http::ResponseReader reader(http::ResponseLimits{});
    Progress progress = Progress::kNeedMore;
    for (std::string_view rest = octets; progress == Progress::kNeedMore && !rest.empty();) {
      const std::span<char> buffer = reader.Buffer();
      const std::size_t size = std::min(buffer.size(), rest.size());
      std::memcpy(buffer.data(), rest.data(), size);
      rest.remove_prefix(size);
      progress = reader.Consume(size);
    }
    Require(progress == Progress::kDone && reader.reusable(), "the response was not read");
    Require(!reader.Take().body.empty(), "the response has no body");
  };
}

CreateApiKeyRequest Create() {
  CreateApiKeyRequest request;
  request.set_name("Nightly build");
  request.add_permissions("files:read");
  request.add_permissions("rooms:write");
  request.set_expires_in_days(30);
  return request;
}

UpdateApiKeyRequest Update() {
  UpdateApiKeyRequest request;
  request.set_key_id(kKeyId);
  request.set_name("Nightly build, renamed");
  request.set_is_active(true);
  return request;
}

std::function<void()> WriteOctets() {
  http::Request request = *Encode(GetApiKeyRequest());
  request.headers.push_back({"X-Request-Id", "0123456789abcdef0123456789abcdef"});
  request.credential = http::Credential{"Authorization", Secret(kBearer)};
  const http::Origin origin{
      .tls = true, .host = "your-docspace.example", .port = 443, .base_path = ""};
  return [request, origin] {
    Require(WriteRequest(request, origin).has_value(), "the request was not written");
  };
}

// Writes one line about a call, as the sink does.
std::function<void()> WriteLogLine(std::unique_ptr<spdlog::formatter> formatter) {
  auto lines = std::make_shared<std::ostringstream>();
  auto logger = std::make_shared<spdlog::logger>(
      "bench", std::make_shared<spdlog::sinks::ostream_sink_mt>(*lines));
  logger->set_formatter(std::move(formatter));
  const auto log = std::make_shared<RpcLog>(std::move(logger));
  return [lines, log] {
    log->Write({.method = "GetApiKey",
                .portal = "default",
                .code = "OK",
                .reason = "",
                .request_id = "0123456789abcdef0123456789abcdef",
                .trace_id = "0af7651916cd43dd8448eb211c80319c",
                .span_id = "b7ad6b7169203331",
                .http_status = 200,
                .failure = "",
                .key_id = "",
                .peer = "192.0.2.1:50000",
                .certificate = "",
                .duration = std::chrono::microseconds(12'345),
                .upstream_duration = std::chrono::microseconds(12'000),
                .request_bytes = 100,
                .response_bytes = 500});
    Require(lines->tellp() > 0, "no line was written");
    lines->str({});
  };
}

}  // namespace

std::vector<Work> AllWork(const std::string& payload_folder) {
  const std::string one_key = ContentsOf(payload_folder + "/one_key.json");
  const std::string fifty_keys = ContentsOf(payload_folder + "/fifty_keys.json");
  const std::string denied = ContentsOf(payload_folder + "/denied.json");
  return {
      {"codec/decode_one_key", Decode<GetApiKeyResponse>(one_key)},
      {"codec/decode_50_keys", Decode<GetApiKeysResponse>(fifty_keys)},
      {"routes/get_api_key", EncodeRequest(GetApiKeyRequest())},
      {"routes/create_api_key", EncodeRequest(Create())},
      {"routes/update_api_key", EncodeRequest(Update())},
      {"limiter/acquire", Admit(kBearer)},
      {"credentials/bearer",
       ReadCredentials({{"user-agent", "grpc-c++/1.51.1"}, {"authorization", kBearer}})},
      {"credentials/cookie", ReadCredentials({{"cookie", "culture=en; asc_auth_key=abcdef0123"}})},
      {"metadata/forwarded",
       [] {
         const MetadataView metadata = {
             {"x-request-id", "0123456789abcdef0123456789abcdef"},
             {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
         Require(SelectForwarded(metadata).headers.size() == 2, "the metadata was not forwarded");
       }},
      {"errors/403_error_json", MapError(Rpc::kGetApiKey, 403, denied)},
      {"errors/400_validation_json", MapError(Rpc::kCreateApiKey, 400, kValidationJson)},
      {"errors/finish",
       FinishError(MakeError(absl::StatusCode::kResourceExhausted, "the rate limit is reached",
                             {.reason = ErrorReason::kRateLimited,
                              .metadata = {{"http_status", "429"}},
                              .retry_after = absl::Seconds(1)}))},
      {"errors/502_html", MapError(Rpc::kUpdateApiKey, 502, kHtml)},
      {"log/rpc_console", WriteLogLine(ConsoleFormatter(/*colours=*/false))},
      {"log/rpc_json", WriteLogLine(JsonFormatter())},
      {"http/write_request", WriteOctets()},
      {"http/read_one_key", ReadResponse(one_key)},
      {"http/read_50_keys", ReadResponse(fifty_keys)},
  };
}

}  // namespace docspace::bench
