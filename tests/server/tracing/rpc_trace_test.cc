#include "server/tracing/rpc_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace docspace::gateway::tracing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Kind = http::Failure::Kind;

const http::Origin kPortal{
    .tls = true, .host = "portal.example", .port = 443, .base_path = "/docs"};
constexpr RpcNames kUpdate{.service = "docspace.apikeys.v1.ApiKeys",
                           .method = "UpdateApiKey",
                           .http_method = http::Method::kPut,
                           .http_path = "/api/2.0/keys/{key_id}"};
const TraceContext kParent = {.trace_id = {1, 2}, .span_id = {3}, .sampled = true};

std::map<std::string, std::string> AttributesOf(const Span& span) {
  std::map<std::string, std::string> attributes;
  for (const auto& [key, value] : span.attributes) {
    if (const auto* text = std::get_if<std::string>(&value)) attributes.emplace(key, *text);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      attributes.emplace(key, std::to_string(*number));
    }
    if (const auto* is = std::get_if<bool>(&value)) attributes.emplace(key, *is ? "yes" : "no");
  }
  return attributes;
}

class RpcTraceTest : public ::testing::Test {
 protected:
  RpcTrace Begin(const std::optional<TraceContext>& parent) {
    return RpcTrace(tracer_, parent, kUpdate);
  }

  // Returns the trace context that the portal receives.
  TraceContext Try(RpcTrace& trace, const http::Outcome& outcome, bool reused = false) {
    const std::vector<http::Header> headers = trace.OnAttemptStart(kPortal);
    trace.OnAttemptEnd(outcome, reused);
    EXPECT_THAT(headers, SizeIs(1));
    EXPECT_EQ(headers.at(0).name, "traceparent");
    return ReadTraceParent(headers.at(0).value).value();
  }

  std::vector<Span> spans_;
  const Tracer tracer_{{.calls_per_second = 1000},
                       [this](Span span) { spans_.push_back(std::move(span)); }};
};

TEST_F(RpcTraceTest, ACallAndItsTriesAreSpans) {
  RpcTrace trace = Begin(kParent);
  const TraceContext first = Try(trace, http::Failure{Kind::kUnreachable, false, "secret"}, true);
  const TraceContext second = Try(trace, http::Response{.status = 200});
  trace.End(0, "OK", "", /*accepted=*/true);
  ASSERT_THAT(spans_, SizeIs(3));

  const Span& call = spans_[2];
  EXPECT_EQ(call.kind, Span::Kind::kServer);
  EXPECT_EQ(call.name, "docspace.apikeys.v1.ApiKeys/UpdateApiKey");
  EXPECT_EQ(call.trace_id, kParent.trace_id);
  EXPECT_EQ(call.parent_id, kParent.span_id);
  EXPECT_EQ(call.span_id, trace.context().span_id);
  EXPECT_TRUE(call.remote_parent);
  EXPECT_FALSE(call.failed);
  EXPECT_THAT(AttributesOf(call),
              UnorderedElementsAre(
                  Pair("rpc.system", "grpc"), Pair("rpc.service", "docspace.apikeys.v1.ApiKeys"),
                  Pair("rpc.method", "UpdateApiKey"), Pair("rpc.grpc.status_code", "0")));

  EXPECT_EQ(spans_[0].span_id, first.span_id);
  EXPECT_EQ(spans_[1].span_id, second.span_id);
  EXPECT_NE(first.span_id, second.span_id);
  for (const Span& attempt : {spans_[0], spans_[1]}) {
    EXPECT_EQ(attempt.kind, Span::Kind::kClient);
    EXPECT_EQ(attempt.name, "PUT /docs/api/2.0/keys/{key_id}");
    EXPECT_EQ(attempt.trace_id, kParent.trace_id);
    EXPECT_EQ(attempt.parent_id, call.span_id);
    EXPECT_FALSE(attempt.remote_parent);
    EXPECT_LE(call.start, attempt.start);
    EXPECT_LE(attempt.start, attempt.end);
    EXPECT_LE(attempt.end, call.end);
  }
  EXPECT_TRUE(spans_[0].failed);
  EXPECT_THAT(AttributesOf(spans_[0]),
              UnorderedElementsAre(
                  Pair("http.request.method", "PUT"), Pair("server.address", "portal.example"),
                  Pair("server.port", "443"), Pair("url.scheme", "https"),
                  Pair("url.path", "/docs/api/2.0/keys/{key_id}"),
                  Pair("error.type", "unreachable"), Pair("docspace.connection.reused", "yes")));
  EXPECT_FALSE(spans_[1].failed);
  EXPECT_THAT(
      AttributesOf(spans_[1]),
      UnorderedElementsAre(
          Pair("http.request.method", "PUT"), Pair("http.request.resend_count", "1"),
          Pair("server.address", "portal.example"), Pair("server.port", "443"),
          Pair("url.scheme", "https"), Pair("url.path", "/docs/api/2.0/keys/{key_id}"),
          Pair("http.response.status_code", "200"), Pair("docspace.connection.reused", "no")));
}

TEST_F(RpcTraceTest, AnErrorOfThePortalFailsItsTry) {
  for (const int status : {399, 400, 503}) {
    RpcTrace trace = Begin(kParent);
    Try(trace, http::Response{.status = status});
    trace.End(0, "OK", "", /*accepted=*/true);
    const Span& attempt = spans_.at(spans_.size() - 2);
    EXPECT_EQ(attempt.failed, status >= 400);
    EXPECT_EQ(AttributesOf(attempt).contains("error.type"), status >= 400);
  }
  EXPECT_EQ(AttributesOf(spans_[4]).at("error.type"), "503");
}

TEST_F(RpcTraceTest, OnlyTheServersFaultsFailACall) {
  const auto end = [this](int code, const char* name, const char* reason) {
    Begin(kParent).End(code, name, reason, /*accepted=*/true);
    return std::pair(spans_.back().failed, AttributesOf(spans_.back()).at("error.type"));
  };
  EXPECT_EQ(end(14, "UNAVAILABLE", "UPSTREAM_UNREACHABLE"),
            std::pair(true, std::string("UPSTREAM_UNREACHABLE")));
  EXPECT_EQ(end(13, "INTERNAL", ""), std::pair(true, std::string("INTERNAL")));
  EXPECT_EQ(end(5, "NOT_FOUND", "KEY_NOT_FOUND"), std::pair(false, std::string("KEY_NOT_FOUND")));
  EXPECT_EQ(end(1, "CANCELLED", "CANCELLED"), std::pair(false, std::string("CANCELLED")));
}

TEST_F(RpcTraceTest, TheEndOfTheCallTellsWhatCutItsTryOff) {
  const auto end = [this](int code, const char* name) {
    RpcTrace trace = Begin(kParent);
    Try(trace, http::Failure{Kind::kCancelled, true, ""}, true);
    EXPECT_TRUE(spans_.empty());
    trace.End(code, name, "", /*accepted=*/true);
    EXPECT_THAT(spans_, SizeIs(2));
    const Span attempt = std::exchange(spans_, {}).at(0);
    EXPECT_EQ(attempt.kind, Span::Kind::kClient);
    EXPECT_TRUE(attempt.failed);
    EXPECT_GE(attempt.end, attempt.start);
    EXPECT_EQ(AttributesOf(attempt).at("docspace.connection.reused"), "yes");
    return AttributesOf(attempt).at("error.type");
  };
  EXPECT_EQ(end(4, "DEADLINE_EXCEEDED"), "timeout");
  EXPECT_EQ(end(1, "CANCELLED"), "cancelled");
  EXPECT_EQ(end(14, "UNAVAILABLE"), "connection_lost");
}

TEST_F(RpcTraceTest, ATryThatNobodyEndedEndsWithTheCall) {
  RpcTrace trace = Begin(kParent);
  trace.OnAttemptStart(kPortal);
  trace.End(2, "UNKNOWN", "WRITE_OUTCOME_UNKNOWN", /*accepted=*/true);
  ASSERT_THAT(spans_, SizeIs(2));
  EXPECT_TRUE(spans_[0].failed);
  EXPECT_EQ(spans_[1].kind, Span::Kind::kServer);
}

TEST_F(RpcTraceTest, ACallThatIsNotSampledIsPassedOnAndNotRecorded) {
  TraceContext unsampled = kParent;
  unsampled.sampled = false;
  RpcTrace trace = Begin(unsampled);
  const TraceContext told = Try(trace, http::Response{.status = 200});
  trace.End(0, "OK", "", /*accepted=*/true);
  EXPECT_EQ(told.trace_id, kParent.trace_id);
  EXPECT_NE(told.span_id, kParent.span_id);
  EXPECT_NE(told.span_id, trace.context().span_id);
  EXPECT_FALSE(told.sampled);
  EXPECT_THAT(spans_, IsEmpty());
}

TEST_F(RpcTraceTest, S10_ACallerWhoIsNotAcceptedHasNothingRecorded) {
  RpcTrace refused = Begin(kParent);
  Try(refused, http::Response{.status = 401});
  refused.End(16, "UNAUTHENTICATED", "CREDENTIALS_REJECTED", /*accepted=*/false);
  EXPECT_THAT(spans_, IsEmpty());
  // A trace that begins here is sampled here.
  const Tracer all({.root_ratio = 1, .calls_per_second = 1},
                   [this](Span span) { spans_.push_back(std::move(span)); });
  RpcTrace(all, std::nullopt, kUpdate).End(16, "UNAUTHENTICATED", "", /*accepted=*/false);
  EXPECT_THAT(spans_, SizeIs(1));
}

TEST_F(RpcTraceTest, TheGatewaysOwnDecisionNeedsNoAcceptedCaller) {
  const Tracer all({.root_ratio = 1, .parent_decides = false, .calls_per_second = 1},
                   [this](Span span) { spans_.push_back(std::move(span)); });
  const TraceContext unsampled{.trace_id = kParent.trace_id, .span_id = kParent.span_id};
  EXPECT_TRUE(RpcTrace(all, unsampled, kUpdate).End(16, "UNAUTHENTICATED", "", /*accepted=*/false));
  EXPECT_THAT(spans_, SizeIs(1));
  EXPECT_FALSE(RpcTrace(all, unsampled, kUpdate).End(0, "OK", "", /*accepted=*/true))
      << "it is above the limit";
}

TEST_F(RpcTraceTest, S10_NoMoreCallsASecondAreRecordedThanTheLimit) {
  Tracer::Clock::time_point now;
  const Tracer tracer(
      {.calls_per_second = 10}, [this](Span span) { spans_.push_back(std::move(span)); },
      [&now] { return now; });
  const auto record = [&](int calls) {
    spans_.clear();
    for (int i = 0; i < calls; ++i) {
      RpcTrace(tracer, kParent, kUpdate).End(0, "OK", "", /*accepted=*/true);
    }
    return spans_.size();
  };
  EXPECT_EQ(record(1000), 10U);
  EXPECT_EQ(tracer.limited(), 990U);
  now += std::chrono::milliseconds(500);
  EXPECT_EQ(record(1000), 5U);
  now += std::chrono::hours(1);
  EXPECT_EQ(record(1000), 10U);
}

TEST_F(RpcTraceTest, ARootHasNoParent) {
  const Tracer all({.root_ratio = 1, .calls_per_second = 1},
                   [this](Span span) { spans_.push_back(std::move(span)); });
  RpcTrace(all, std::nullopt, kUpdate).End(0, "OK", "", /*accepted=*/true);
  ASSERT_THAT(spans_, SizeIs(1));
  EXPECT_EQ(spans_[0].parent_id, SpanId{});
  EXPECT_FALSE(spans_[0].remote_parent);
}

}  // namespace
}  // namespace docspace::gateway::tracing
