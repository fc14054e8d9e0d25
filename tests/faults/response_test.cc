// What a portal may send: rows R1 to R9 and R11 to R14 of the fault matrix.
#include <gmock/gmock.h>

#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/faults/fault_test.h"

namespace docspace::gateway::testing {
namespace {

using namespace std::string_literals;
using grpc::StatusCode;

class ResponseTest : public FaultTest, public ::testing::WithParamInterface<FaultyResponse> {};

TEST_P(ResponseTest, IsAnsweredByTheTable) { ExpectOutcomeOf(GetParam()); }

class TlsResponseTest : public ResponseTest {
  bool PortalSpeaksTls() const override { return true; }
};

TEST_P(TlsResponseTest, IsAnsweredByTheTable) { ExpectOutcomeOf(GetParam()); }

std::string NameOf(const ::testing::TestParamInfo<FaultyResponse>& test) { return test.param.name; }

constexpr const char* kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
constexpr const char* kUntilTheEnd = "HTTP/1.1 200 OK\r\n";

// A response of 200 with these header fields, each with its CRLF.
std::string Head(const std::string& fields) { return "HTTP/1.1 200 OK\r\n" + fields; }

// R1 and R2: bodies that are cut.

INSTANTIATE_TEST_SUITE_P(
    R1, ResponseTest,
    ::testing::Values(FaultyResponse{.name = "InsideTheBody",
                                     .head = Head("Content-Length: 1$SIZE\r\n"),
                                     .then = Script().Close()},
                      FaultyResponse{.name = "BeforeTheBody",
                                     .head = Head("Content-Length: 100\r\n"),
                                     .body = "",
                                     .then = Script().Close()},
                      FaultyResponse{.name = "InsideTheHead",
                                     .head = Head("Content-Length: 2"),
                                     .body = "",
                                     .then = Script().Close()},
                      FaultyResponse{.name = "InsideTheStatusLine",
                                     .head = "HTTP/1.1 2",
                                     .body = "",
                                     .then = Script().Close()}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(R2, ResponseTest,
                         ::testing::Values(FaultyResponse{.name = "Whole",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS0\r\n\r\n",
                                                          .expected = kAnswered,
                                                          .fate = Fate::kReused},
                                           FaultyResponse{.name = "BeforeTheFirstChunk",
                                                          .head = kChunked,
                                                          .body = "",
                                                          .then = Script().Close()},
                                           FaultyResponse{.name = "InsideAChunk",
                                                          .head = kChunked,
                                                          .body = "ffff\r\n$OPEN",
                                                          .then = Script().Close()},
                                           FaultyResponse{.name = "BeforeTheLastChunk",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS",
                                                          .then = Script().Close()},
                                           FaultyResponse{.name = "InsideTheLastChunk",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS0\r\n",
                                                          .then = Script().Close()}),
                         NameOf);

INSTANTIATE_TEST_SUITE_P(R2a, TlsResponseTest,
                         ::testing::Values(FaultyResponse{.name = "AfterAWholeBody",
                                                          .then = Script().CloseWithoutNotify(),
                                                          .expected = kAnswered},
                                           FaultyResponse{.name = "AfterTheLastChunk",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS0\r\n\r\n",
                                                          .then = Script().CloseWithoutNotify(),
                                                          .expected = kAnswered},
                                           FaultyResponse{
                                               .name = "InsideABody",
                                               .head = Head("Content-Length: 1$SIZE\r\n"),
                                               .then = Script().CloseWithoutNotify()},
                                           FaultyResponse{.name = "BeforeTheLastChunk",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS",
                                                          .then = Script().CloseWithoutNotify()},
                                           FaultyResponse{.name = "AsTheEndOfABody",
                                                          .head = kUntilTheEnd,
                                                          .then = Script().CloseWithoutNotify()},
                                           FaultyResponse{.name = "CloseNotifyAsTheEndOfABody",
                                                          .head = kUntilTheEnd,
                                                          .then = Script().Close(),
                                                          .expected = kAnswered}),
                         NameOf);

// R3 and R4: what was not asked for.

// Somebody else's answer to what the fixture asks next.
std::string ForeignResponse() { return PortalResponse(R"({"response":["foreign"]})"); }

FaultyResponse More(const std::string& name, const std::string& behind) {
  return {.name = name, .behind = behind, .expected = kAnswered};
}

INSTANTIATE_TEST_SUITE_P(R3, ResponseTest,
                         ::testing::Values(More("ASecondResponse", ForeignResponse()),
                                           More("AnOctet", "x"), More("AnEmptyLine", "\r\n"),
                                           FaultyResponse{.name = "ASecondResponseBehindChunks",
                                                          .head = kChunked,
                                                          .body = "$CHUNKS0\r\n\r\n",
                                                          .behind = ForeignResponse(),
                                                          .expected = kAnswered}),
                         NameOf);

INSTANTIATE_TEST_SUITE_P(R3, TlsResponseTest,
                         ::testing::Values(More("ASecondResponse", ForeignResponse())), NameOf);

// What the portal says on an idle connection.
struct Unsolicited {
  std::string name;
  bool tls;
  std::string octets;
};

void PrintTo(const Unsolicited& unsolicited, std::ostream* out) { *out << unsolicited.name; }

class UnsolicitedTest : public FaultTest, public ::testing::WithParamInterface<Unsolicited> {
 protected:
  bool PortalSpeaksTls() const override { return GetParam().tls; }
};

TEST_P(UnsolicitedTest, R4_AnswersNoOne) {
  for (const Rpc rpc : kRpcs) {
    SCOPED_TRACE(RouteOf(rpc).name);
    const std::size_t idle = portal().connections();
    const std::string number = std::to_string(idle);
    portal()
        .Next(Serve(Rpc::kGetApiKey)
                  .WaitFor("speak" + number)
                  .Send(GetParam().octets)
                  .Signal("spoken" + number))
        .Next(ServeAndClose(rpc));
    Expect(kAnswered, Rpc::kGetApiKey, Call(Rpc::kGetApiKey));
    portal().Signal("speak" + number);
    ASSERT_TRUE(portal().WaitForSignal("spoken" + number));
    Expect(kAnswered, rpc, Call(rpc));
    EXPECT_TRUE(portal().WaitForEnd(idle));
    EXPECT_EQ(portal().connections(), idle + 2);
  }
  EXPECT_EQ(portal().requests(), 2 * std::size(kRpcs));
}

const std::string kTimeout =
    "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(R4, UnsolicitedTest,
                         ::testing::Values(Unsolicited{"Response", false, ForeignResponse()},
                                           Unsolicited{"Timeout", false, kTimeout},
                                           Unsolicited{"Octet", false, "x"},
                                           Unsolicited{"TlsResponse", true, ForeignResponse()},
                                           Unsolicited{"TlsOctet", true, "x"}),
                         [](const auto& test) { return test.param.name; });

// R5: framing in doubt.

FaultyResponse Framed(const std::string& name, const std::string& fields,
                      const std::string& body = "$JSON") {
  return {.name = name, .head = Head(fields), .body = body};
}

INSTANTIATE_TEST_SUITE_P(
    R5_Length, ResponseTest,
    ::testing::Values(
        Framed("TwoContentLengths", "Content-Length: $SIZE\r\nContent-Length: 1$SIZE\r\n"),
        Framed("AListOfContentLengths", "Content-Length: $SIZE, 1$SIZE\r\n"),
        Framed("NoContentLength", "Content-Length:\r\n"),
        Framed("ASignedContentLength", "Content-Length: +$SIZE\r\n"),
        Framed("ANegativeContentLength", "Content-Length: -$SIZE\r\n"),
        Framed("AHexContentLength", "Content-Length: 0x$SIZE\r\n"),
        Framed("AFractionalContentLength", "Content-Length: $SIZE.0\r\n"),
        Framed("AContentLengthOf2To64", "Content-Length: 18446744073709551616\r\n"),
        Framed("AContentLengthBelow2To64", "Content-Length: 18446744073709551615\r\n"),
        Framed("AFoldedContentLength", "Content-Length:\r\n $SIZE\r\n")),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    R5_Coding, ResponseTest,
    ::testing::Values(
        Framed("BehindContentLength", "Content-Length: $SIZE\r\nTransfer-Encoding: chunked\r\n",
               "$CHUNKS0\r\n\r\n"),
        Framed("BeforeContentLength", "Transfer-Encoding: chunked\r\nContent-Length: $SIZE\r\n",
               "$CHUNKS0\r\n\r\n"),
        Framed("Unknown", "Transfer-Encoding: xchunked\r\n", "$CHUNKS0\r\n\r\n"),
        Framed("ChunkedThenGzip", "Transfer-Encoding: chunked, gzip\r\n", "$CHUNKS0\r\n\r\n"),
        Framed("GzipThenChunked", "Transfer-Encoding: gzip, chunked\r\n", "$CHUNKS0\r\n\r\n"),
        Framed("GzipBeforeContentLength", "Transfer-Encoding: gzip\r\nContent-Length: $SIZE\r\n"),
        Framed("ChunkedTwice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
               "$CHUNKS0\r\n\r\n"),
        Framed("Empty", "Transfer-Encoding:\r\n", "$CHUNKS0\r\n\r\n"),
        Framed("Folded", "Transfer-Encoding:\r\n chunked\r\n", "$CHUNKS0\r\n\r\n"),
        FaultyResponse{.name = "InHttp10",
                       .head = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n",
                       .body = "$CHUNKS0\r\n\r\n"}),
    NameOf);

FaultyResponse Chunks(const std::string& name, const std::string& body) {
  return {.name = name, .head = kChunked, .body = body};
}

INSTANTIATE_TEST_SUITE_P(
    R5_Chunks, ResponseTest,
    ::testing::Values(Chunks("SizeThatIsNoNumber", "zz\r\n$JSON\r\n0\r\n\r\n"),
                      Chunks("NegativeSize", "-5\r\n$JSON\r\n0\r\n\r\n"),
                      Chunks("SizeInHexNotation", "0x5\r\n$JSON\r\n0\r\n\r\n"),
                      Chunks("SizeOf2To64", "10000000000000000\r\n$JSON\r\n0\r\n\r\n"),
                      Chunks("NoSize", "\r\n$JSON\r\n0\r\n\r\n"),
                      Chunks("ChunkLongerThanItsSize", "5\r\n$JSON\r\n0\r\n\r\n"),
                      FaultyResponse{.name = "OnlyLineFeeds",
                                     .head = kChunked,
                                     .body = "5\n12345\n0\n\n",
                                     .then = Script().Close()}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    R5_Octets, ResponseTest,
    ::testing::Values(Framed("NulInAValue", "Content-Length: $SIZE\r\nX-A: a\0b\r\n"s),
                      Framed("NulInAName", "Content-Length: $SIZE\r\nX-\0A: a\r\n"s),
                      Framed("BareCarriageReturn", "Content-Length: $SIZE\r\nX-A: a\rX-B: b\r\n"),
                      Framed("BareLineFeed", "Content-Length: $SIZE\r\nX-A: a\nX-B: b\r\n"),
                      Framed("BareLineFeedBeforeALength", "X-A: a\nContent-Length: $SIZE\r\n"),
                      Framed("ControlCharacter", "Content-Length: $SIZE\r\nX-A: \x1B[2J\r\n"),
                      Framed("SpaceBeforeTheColon", "Content-Length : $SIZE\r\n"),
                      Framed("NoColon", "Content-Length: $SIZE\r\nX-A\r\n"),
                      Framed("NoName", "Content-Length: $SIZE\r\n: a\r\n"),
                      Framed("FoldBeforeTheFirstField", " X-A: a\r\nContent-Length: $SIZE\r\n"),
                      FaultyResponse{.name = "OnlyLineFeeds",
                                     .head = "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
                                     .body = "",
                                     .then = Script().Close()},
                      FaultyResponse{.name = "AnotherProtocol",
                                     .head = "SSH-2.0-OpenSSH_9.2\r\n",
                                     .body = "",
                                     .then = Script().Close()},
                      FaultyResponse{.name = "AnotherVersion", .head = "HTTP/2.0 200 OK\r\n"},
                      FaultyResponse{.name = "ATlsAlert",
                                     .head = "\x15\x03\x01\x00\x02\x02\x46"s,
                                     .body = "",
                                     .then = Script().Close()}),
    NameOf);

FaultyResponse Doubtful(const std::string& name, const std::string& fields) {
  return {.name = name, .head = Head(fields), .expected = kAnswered};
}

INSTANTIATE_TEST_SUITE_P(
    R5a, ResponseTest,
    ::testing::Values(Doubtful("ContentLengthTwice",
                               "Content-Length: $SIZE\r\nContent-Length: $SIZE\r\n"),
                      Doubtful("Fold", "Content-Length: $SIZE\r\nX-A: a\r\n b\r\n")),
    NameOf);

std::string Repeated(int count, const std::string& text) {
  std::string repeated;
  repeated.reserve(static_cast<std::size_t>(count) * text.size());
  for (int i = 0; i < count; ++i) repeated.append(text);
  return repeated;
}

INSTANTIATE_TEST_SUITE_P(
    R5b, ResponseTest,
    ::testing::Values(
        Chunks("TenMegabytesOfOneExtension",
               "1;" + std::string(10'000'000, 'x') + "\r\n{\r\n0\r\n\r\n"),
        Chunks("TenMegabytesOfExtensions",
               Repeated(10'000, "1;" + std::string(1'000, 'x') + "\r\n \r\n") + "$CHUNKS0\r\n\r\n"),
        Chunks("TrailersOf460Kilobytes",
               "$CHUNKS0\r\n" + Repeated(46'000, "X-A: abc\r\n") + "\r\n"),
        Chunks("ATrailerOver64Kibibytes",
               "$CHUNKS0\r\nX-A: " + std::string(std::size_t{70} * 1024, 'x') + "\r\n\r\n"),
        Framed("TenThousandHeaders", Repeated(10'000, "A:\r\n") + "Content-Length: $SIZE\r\n"),
        // Honest chunking, at its least economic, is none of these.
        FaultyResponse{.name = "ChunksOfOneOctet",
                       .head = kChunked,
                       .body = Repeated(100'000, "1\r\n \r\n") + "$CHUNKS0\r\n\r\n",
                       .expected = kAnswered,
                       .fate = Fate::kReused}),
    NameOf);

// R6 to R8: responses that are none, or too much.

FaultyResponse After(const std::string& name, const std::string& interim, const Expected& expected,
                     Fate fate) {
  return {.name = name,
          .head = interim + Head("Content-Length: $SIZE\r\n"),
          .expected = expected,
          .fate = fate};
}

INSTANTIATE_TEST_SUITE_P(
    R6, ResponseTest,
    ::testing::Values(
        After("Continue", "HTTP/1.1 100 Continue\r\n\r\n", kAnswered, Fate::kReused),
        After("Processing", "HTTP/1.1 102 Processing\r\n\r\n", kAnswered, Fate::kReused),
        After("EarlyHints", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", kAnswered,
              Fate::kReused),
        After("SeveralInterimResponses", Repeated(10, "HTTP/1.1 100 Continue\r\n\r\n"), kAnswered,
              Fate::kReused),
        After("AThousandInterimResponses", Repeated(1'000, "HTTP/1.1 100 Continue\r\n\r\n"),
              kMalformed, Fate::kClosed),
        After("AnInterimResponseWithABody", "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\n{}",
              kMalformed, Fate::kClosed),
        After("SwitchingProtocols",
              "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
              kMalformed, Fate::kClosed),
        FaultyResponse{.name = "OnlyContinue",
                       .head = "HTTP/1.1 100 Continue\r\n",
                       .body = "",
                       .then = Script().Close()}),
    NameOf);

FaultyResponse Bodyless(const std::string& name, const std::string& head, Fate fate) {
  return {.name = name, .head = head, .body = "", .fate = fate};
}

INSTANTIATE_TEST_SUITE_P(
    R7, ResponseTest,
    ::testing::Values(
        Bodyless("EmptyOk", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", Fate::kReused),
        Bodyless("EmptyCreated", "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n", Fate::kReused),
        Bodyless("NoContent", "HTTP/1.1 204 No Content\r\n", Fate::kReused),
        Bodyless("NoContentOfSomeLength", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n",
                 Fate::kClosed),
        Bodyless("ResetContent", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n",
                 Fate::kReused),
        Bodyless("NotModified", "HTTP/1.1 304 Not Modified\r\n", Fate::kReused),
        Bodyless("NotModifiedOfSomeLength", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n",
                 Fate::kClosed),
        FaultyResponse{
            .name = "EmptyChunked", .head = kChunked, .body = "0\r\n\r\n", .fate = Fate::kReused},
        FaultyResponse{.name = "EmptyUntilTheEnd",
                       .head = kUntilTheEnd,
                       .body = "",
                       .then = Script().Close()}),
    NameOf);

constexpr std::size_t kMebibyte = std::size_t{1024} * 1024;

// The JSON with as many spaces behind it as make a body of `size`.
FaultyResponse Padded(const std::string& name, std::size_t size, const Expected& expected,
                      Fate fate) {
  constexpr Rpc kRpc = Rpc::kGetApiKeys;
  const std::string json = PortalJson(kRpc);
  return {.name = name,
          .body = json + std::string(size - json.size(), ' '),
          .expected = expected,
          .fate = fate,
          .rpcs = {kRpc}};
}

INSTANTIATE_TEST_SUITE_P(
    R8, ResponseTest,
    ::testing::Values(
        Framed("AHeadTooLong", "X-A: " + std::string(std::size_t{64} * 1024, 'x') +
                                   "\r\nContent-Length: $SIZE\r\n"),
        Framed("AHeadOfFieldsTooLong", Repeated(100, "X-A: " + std::string(1'000, 'x') + "\r\n") +
                                           "Content-Length: $SIZE\r\n"),
        FaultyResponse{.name = "AnEndlessHead",
                       .head = Head("X-A: x"),
                       .body = "",
                       .then = Script().SendForEver(Repeated(1'000, "X-A: x\r\n"))},
        FaultyResponse{.name = "AnEndlessHeadOfOneField",
                       .head = Head("X-A: x"),
                       .body = "X-A: ",
                       .then = Script().SendForEver(std::string(8'000, 'x'))},
        Padded("TheLongestBody", 8 * kMebibyte, kAnswered, Fate::kReused),
        Padded("ABodyTooLong", 8 * kMebibyte + 1, kMalformed, Fate::kClosed),
        Framed("ALengthTooLong", "Content-Length: 8388609\r\n", ""),
        FaultyResponse{.name = "AnEndlessBody",
                       .head = kUntilTheEnd,
                       .body = "",
                       .then = Script().SendForEver(std::string(65'536, ' '))},
        FaultyResponse{
            .name = "EndlessChunks",
            .head = kChunked,
            .body = "",
            .then = Script().SendForEver("10000\r\n" + std::string(65'536, ' ') + "\r\n")}),
    NameOf);

// R9 and R11: bodies that are not what the status or the type promises.

constexpr Expected kUnavailable{{StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE"},
                                {StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE"}};
constexpr Expected kProxyGaveUp{{StatusCode::UNAVAILABLE, "UPSTREAM_UNAVAILABLE"},
                                {StatusCode::UNKNOWN, "WRITE_OUTCOME_UNKNOWN"}};
constexpr Expected kDenied{{StatusCode::PERMISSION_DENIED, "ACCESS_DENIED"},
                           {StatusCode::PERMISSION_DENIED, "ACCESS_DENIED"}};
constexpr Expected kPortalFailed{{StatusCode::INTERNAL, "UPSTREAM_ERROR"},
                                 {StatusCode::INTERNAL, "UPSTREAM_ERROR"}};

FaultyResponse Typed(const std::string& name, const std::string& status, const std::string& type,
                     const std::string& body, const Expected& expected) {
  return {.name = name,
          .head = "HTTP/1.1 " + status + "\r\n" + type + "Content-Length: $SIZE\r\n",
          .body = body,
          .expected = expected,
          .fate = Fate::kReused};
}

constexpr const char* kHtml = "Content-Type: text/html; charset=utf-8\r\n";
constexpr const char* kPage =
    "<html>\r\n<head><title>openresty</title></head>\r\n<body>Welcome</body>\r\n</html>\r\n";

INSTANTIATE_TEST_SUITE_P(
    R9, ResponseTest,
    ::testing::Values(
        Typed("HtmlOk", "200 OK", kHtml, kPage, kMalformed),
        Typed("HtmlBadGateway", "502 Bad Gateway", kHtml, kPage, kProxyGaveUp),
        Typed("HtmlServiceUnavailable", "503 Service Unavailable", kHtml, kPage, kUnavailable),
        Typed("HtmlGatewayTimeout", "504 Gateway Timeout", kHtml, kPage, kProxyGaveUp),
        Typed("TextOk", "200 OK", "Content-Type: text/plain\r\n", "OK", kMalformed),
        Typed("TextDenied", "403 Forbidden", "Content-Type: text/plain\r\n", "No", kDenied),
        Typed("JsonAsText", "200 OK", "Content-Type: text/plain\r\n", "$JSON", kAnswered),
        Typed("JsonAsHtml", "200 OK", kHtml, "$JSON", kAnswered),
        Typed("JsonAsOctets", "200 OK", "Content-Type: application/octet-stream\r\n", "$JSON",
              kAnswered),
        Typed("JsonOfAnotherCharset", "200 OK",
              "Content-Type: application/json; charset=windows-1251\r\n", "$JSON", kAnswered),
        Typed("JsonOfNoType", "200 OK", "", "$JSON", kAnswered)),
    NameOf);

std::vector<FaultyResponse> Errors() {
  const std::string huge(std::size_t{64} * 1024, 'm');
  std::vector<FaultyResponse> errors;
  for (const auto& [code, status, expected] :
       {std::tuple("Denied", "403 Forbidden", kDenied),
        {"Failed", "500 Internal Server Error", kPortalFailed}}) {
    for (const auto& [name, body] : std::initializer_list<std::pair<std::string, std::string>>{
             {"WithAHugeMessage", R"({"error":{"message":")" + huge + R"("}})"},
             {"WithAHugeStack", R"({"error":{"message":"Failed","type":"System.Exception",)"
                                R"("stack":"   at ASC.)" +
                                    huge + R"("},"statusCode":500})"},
             {"WithAHugeText", huge},
             {"WithAnEmptyObject", "{}"},
             {"WithAList", "[]"},
             {"WithNull", "null"},
             {"WithCutJson", R"({"error":{"message":"Fail)"},
             {"WithNothing", ""}}) {
      errors.push_back(Typed(code + name, status, "", body, expected));
    }
  }
  return errors;
}

INSTANTIATE_TEST_SUITE_P(R11, ResponseTest, ::testing::ValuesIn(Errors()), NameOf);

// R12: every status.

// By the table of the design, for GetApiKeys and CreateApiKey.
Expected OfStatus(int status) {
  const auto both = [](StatusCode code, const char* reason) {
    return Expected{{code, reason}, {code, reason}};
  };
  switch (status) {
    case 400:
    case 422:
      return both(StatusCode::INVALID_ARGUMENT, "INVALID_REQUEST");
    case 401:
      return both(StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED");
    case 402:
      return both(StatusCode::FAILED_PRECONDITION, "PAYMENT_REQUIRED");
    case 403:
      return kDenied;
    case 404:
    case 410:
      return both(StatusCode::NOT_FOUND, "NOT_FOUND");
    case 405:
    case 501:
      return both(StatusCode::UNIMPLEMENTED, "NOT_IMPLEMENTED_BY_PORTAL");
    case 408:
    case 425:
      return both(StatusCode::UNAVAILABLE, "UPSTREAM_TIMEOUT");
    case 409:
      return {{StatusCode::ABORTED, "CONFLICT"}, {StatusCode::ALREADY_EXISTS, "CONFLICT"}};
    case 412:
      return both(StatusCode::FAILED_PRECONDITION, "CONFLICT");
    case 413:
    case 431:
      return both(StatusCode::RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE");
    case 429:
      return both(StatusCode::RESOURCE_EXHAUSTED, "RATE_LIMITED");
    case 502:
    case 504:
      return kProxyGaveUp;
    case 503:
      return kUnavailable;
    default:
      break;
  }
  // These have no body, whatever is sent.
  if (status < 200 || status == 204 || status == 304) return kMalformed;
  if (status < 300) return both(StatusCode::OK, "");
  if (status < 400) return both(StatusCode::FAILED_PRECONDITION, "UPSTREAM_REDIRECT");
  if (status < 500) return both(StatusCode::INTERNAL, "UPSTREAM_REJECTED");
  return kPortalFailed;
}

using StatusTest = FaultTest;

TEST_F(StatusTest, R12_EveryStatusIsAnsweredByTheTable) {
  for (int status = 100; status <= 599; ++status) {
    SCOPED_TRACE(status);
    for (const Rpc rpc : {Rpc::kGetApiKeys, Rpc::kCreateApiKey}) {
      const std::size_t requests = portal().connections();
      const std::string body = status < 300 ? PortalJson(rpc) : R"({"error":{"message":"No"}})";
      portal().Next(
          Script()
              .ReadRequest()
              .Send(absl::StrCat("HTTP/1.1 ", status, " As it is\r\nConnection: close\r\n",
                                 "Content-Length: ", body.size(), "\r\n\r\n", body))
              .Close());
      Expect(OfStatus(status), rpc, Call(rpc));
      EXPECT_EQ(portal().connections(), requests + 1);
    }
  }
}

FaultyResponse Status(const std::string& name, const std::string& status) {
  return {.name = name, .head = "HTTP/1.1 " + status + "\r\nContent-Length: $SIZE\r\n"};
}

INSTANTIATE_TEST_SUITE_P(
    R12, ResponseTest,
    ::testing::Values(Status("Status000", "000 None"), Status("Status099", "099 Early"),
                      Status("Status600", "600 Late"), Status("Status999", "999 Denied"),
                      Status("StatusOfFourDigits", "2000 OK"), Status("StatusOfTwoDigits", "20 OK"),
                      Status("NegativeStatus", "-20 OK"), Status("SignedStatus", "+20 OK"),
                      Status("HexStatus", "0xc8 OK"), Status("StatusWithALetter", "2O0 OK"),
                      Status("StatusInWords", "OK"), Status("NoStatus", "")),
    NameOf);

// R13 and R14: what was not agreed upon.

FaultyResponse Encoded(const std::string& name, const std::string& coding,
                       const std::string& body) {
  return {.name = name,
          .head = Head("Content-Encoding: " + coding + "\r\nContent-Length: $SIZE\r\n"),
          .body = body};
}

// {} as gzip writes it.
const std::string kGzip =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00"s;

INSTANTIATE_TEST_SUITE_P(
    R13, ResponseTest,
    ::testing::Values(Encoded("Gzip", "gzip", kGzip), Encoded("GzipInName", "gzip", "$JSON"),
                      Encoded("Br", "br", "\x0b\x00\x80{}\x03"s),
                      Encoded("Deflate", "DEFLATE", "x"),
                      Encoded("Several", "identity, gzip", kGzip),
                      FaultyResponse{
                          .name = "GzipUnannounced", .body = kGzip, .fate = Fate::kReused},
                      FaultyResponse{.name = "Identity",
                                     .head = Head("Content-Encoding: identity\r\n"
                                                  "Content-Length: $SIZE\r\n"),
                                     .expected = kAnswered,
                                     .fate = Fate::kReused}),
    NameOf);

using RedirectTest = FaultTest;

TEST_F(RedirectTest, R14_IsNotFollowedAndTheCredentialGoesNowhere) {
  ScriptedUpstream elsewhere;
  elsewhere.Always(Serve(Rpc::kGetApiKeys));
  const std::string there = absl::StrCat("localhost:", elsewhere.port(), "/api/2.0/keys");
  const std::string itself = absl::StrCat("localhost:", portal().port(), "/api/2.0/keys");
  for (const std::string& location :
       {"http://" + there, "https://" + there, "//" + there, "http://me:secret@" + there,
        "http://" + itself, "/api/2.0/keys"s, "file:///etc/passwd"s, ""s}) {
    for (const int status : {301, 302, 303, 307, 308}) {
      SCOPED_TRACE(absl::StrCat(status, " to ", location));
      for (const Rpc rpc : {Rpc::kGetApiKeys, Rpc::kCreateApiKey}) {
        const std::size_t connections = portal().connections();
        portal().Next(
            Script()
                .ReadRequest()
                .Send(absl::StrCat("HTTP/1.1 ", status, " Elsewhere\r\nLocation: ", location,
                                   "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
                .Close());
        const Answer<std::string> answer = Call(rpc);
        Expect(OfStatus(status), rpc, answer);
        EXPECT_EQ(answer.metadata("http_status"), std::to_string(status));
        EXPECT_EQ(portal().connections(), connections + 1);
      }
    }
  }
  Plant("me:secret");
  EXPECT_EQ(elsewhere.connections(), 0U);
}

}  // namespace
}  // namespace docspace::gateway::testing
