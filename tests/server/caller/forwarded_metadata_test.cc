#include "server/caller/forwarded_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace docspace::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Pair;

constexpr const char* kTraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs PairsOf(const std::vector<http::Header>& headers) {
  Pairs pairs;
  for (const http::Header& header : headers) pairs.emplace_back(header.name, header.value);
  return pairs;
}

// Returns all forwarded headers except the request id, which is always there.
Pairs Forwarded(const MetadataView& metadata) {
  Pairs pairs = PairsOf(SelectForwarded(metadata).headers);
  EXPECT_EQ(pairs.front().first, "X-Request-Id");
  pairs.erase(pairs.begin());
  return pairs;
}

TEST(SelectForwarded, KeepsAWellFormedRequestId) {
  for (const std::string id : {"a", "0f8fad5b-d9cb-469f-a165-70867728950e", "A.b_c:d-9",
                               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}) {
    const ForwardedMetadata forwarded = SelectForwarded({{"x-request-id", id}});
    EXPECT_EQ(forwarded.request_id, id);
    EXPECT_EQ(forwarded.headers.front().value, id);
  }
  const std::string longest(128, 'i');
  EXPECT_EQ(SelectForwarded({{"x-request-id", longest}}).request_id, longest);
}

TEST(SelectForwarded, MakesARequestIdWhereThereIsNoGoodOne) {
  const std::string bad[] = {"",     std::string(129, 'i'), "a b", "a\r\nX: 1", "a\"b",
                             "ключ", std::string("a\0b", 3)};
  for (const std::string& id : bad) {
    EXPECT_THAT(SelectForwarded({{"x-request-id", id}}).request_id, MatchesRegex("[0-9a-f]{32}"));
  }
  EXPECT_NE(SelectForwarded({}).request_id, SelectForwarded({}).request_id);
}

TEST(SelectForwarded, ForwardsTraceContext) {
  EXPECT_THAT(Forwarded({{"traceparent", kTraceParent}, {"tracestate", "a=1,b=2"}}),
              ElementsAre(Pair("traceparent", kTraceParent), Pair("tracestate", "a=1,b=2")));
}

TEST(SelectForwarded, ForwardsTraceContextOfALaterVersionUntouched) {
  const std::string later = "cc" + std::string(kTraceParent).substr(2) + "-more";
  EXPECT_THAT(Forwarded({{"traceparent", later}}), ElementsAre(Pair("traceparent", later)));
}

TEST(SelectForwarded, JoinsATraceStateOfSeveralHeaders) {
  EXPECT_THAT(
      Forwarded({{"tracestate", "a=1"}, {"traceparent", kTraceParent}, {"tracestate", "b=2"}}),
      ElementsAre(Pair("traceparent", kTraceParent), Pair("tracestate", "a=1,b=2")));
}

TEST(SelectForwarded, DropsIllFormedTraceContext) {
  for (const std::string value : {"", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7\r\n1",
                                  "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}) {
    EXPECT_THAT(Forwarded({{"traceparent", value}, {"tracestate", "a=1"}}), IsEmpty()) << value;
  }
  EXPECT_THAT(Forwarded({{"traceparent", kTraceParent}, {"traceparent", kTraceParent}}), IsEmpty());
  for (const std::string& state : {std::string(4097, 's'), std::string("a=\x01"), std::string()}) {
    EXPECT_THAT(Forwarded({{"traceparent", kTraceParent}, {"tracestate", state}}),
                ElementsAre(Pair("traceparent", kTraceParent)));
  }
  EXPECT_THAT(Forwarded({{"tracestate", "a=1"}}), IsEmpty());
}

TEST(SelectForwarded, ForwardsTheLanguage) {
  EXPECT_THAT(Forwarded({{"accept-language", "de-DE, en;q=0.8, *;q=0.1"}}),
              ElementsAre(Pair("Accept-Language", "de-DE, en;q=0.8, *;q=0.1")));
  for (const std::string& value :
       {std::string("de\r\nX: 1"), std::string("d\x80"), std::string(257, 'd'), std::string()}) {
    EXPECT_THAT(Forwarded({{"accept-language", value}}), IsEmpty());
  }
}

TEST(SelectForwarded, ForwardsNothingElse) {
  EXPECT_THAT(Forwarded({{"host", "other.example"},
                         {"x-forwarded-for", "10.0.0.1"},
                         {"x-forwarded-host", "other.example"},
                         {"origin", "https://other.example"},
                         {"content-length", "0"},
                         {"transfer-encoding", "chunked"},
                         {"user-agent", "grpc-c++/1.51"},
                         {"authorization", "Bearer planted"},
                         {"baggage", "a=1"}}),
              IsEmpty());
}

TEST(SelectReturned, ReturnsOnlyWhatTellsOfLimits) {
  const http::Response response{.status = 429,
                                .headers = {{"Retry-After", "7"},
                                            {"X-RateLimit-Limit", "5"},
                                            {"x-ratelimit-Remaining", "0"},
                                            {"Set-Cookie", "asc_auth_key="},
                                            {"WWW-Authenticate", "Basic"},
                                            {"Server", "openresty"},
                                            {"X-RateLimit", "5"},
                                            {"Server-Timing", "dur=1"}},
                                .body = ""};
  EXPECT_THAT(PairsOf(SelectReturned(response)),
              ElementsAre(Pair("retry-after", "7"), Pair("x-ratelimit-limit", "5"),
                          Pair("x-ratelimit-remaining", "0")));
}

TEST(SelectReturned, ReturnsNothingThatMetadataMayNotHold) {
  const http::Response response{.status = 429,
                                .headers = {{"Retry-After", "7\x80"},
                                            {"X-RateLimit-Limit-bin", "!"},
                                            {"X-RateLimit-Limit", std::string(257, '5')},
                                            {"X-RateLimit-Reset", "5\r\nx: y"}},
                                .body = ""};
  EXPECT_THAT(PairsOf(SelectReturned(response)), IsEmpty());
}

TEST(SelectReturned, ReturnsEachOnce) {
  // gRPC's C++ client rejects trailers larger than about 8 KiB.
  http::Response response;
  for (int i = 0; i < 1000; ++i) response.headers.push_back({"X-RateLimit-Limit", "5"});
  for (int i = 0; i < 1000; ++i) response.headers.push_back({"X-RateLimit-Of-More", "5"});
  EXPECT_THAT(PairsOf(SelectReturned(response)), ElementsAre(Pair("x-ratelimit-limit", "5")));
}

}  // namespace
}  // namespace docspace::gateway
