// The spans of a call as a collector receives them, and the trace context that the portal receives.
#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "server/tracing/trace_context.h"
#include "tests/e2e/end_to_end.h"
#include "tests/testkit/otlp_receiver.h"

namespace docspace::gateway::testkit {
namespace {

using emulator::Fault;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Span = OtlpReceiver::Span;

constexpr const char* kTraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kSampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const std::string kUnsampled = kSampled.substr(0, 53) + "00";

std::string Hex(const std::string& octets) {
  std::string hex;
  for (const char c : octets) {
    for (const int digit : {static_cast<unsigned char>(c) >> 4, c & 15}) {
      hex.push_back("0123456789abcdef"[digit]);
    }
  }
  return hex;
}

class TracingTest : public EndToEndTest {
 protected:
  void Configure(Config& config) override {
    config.tracing.collector.host = "127.0.0.1";
    config.tracing.collector.port = static_cast<std::uint16_t>(receiver_.port());
    config.tracing.sample_ratio = 1;
  }

  Metadata With(const Metadata& more) {
    Metadata metadata = ApiKeyOf(Role::kOwner);
    metadata.insert(metadata.end(), more.begin(), more.end());
    return metadata;
  }

  std::string ToldPortal(std::size_t request = 0) {
    return portal().Requests().at(request).Find("traceparent");
  }

  // All spans after the end of the gateway: that of the call, and those of its attempts in order.
  struct Trace {
    Span call;
    std::vector<Span> tries;
  };
  Trace OnlyTrace() {
    gateway().Stop();
    Trace trace;
    std::size_t calls = 0;
    for (const Span& span : receiver_.Spans()) {
      if (span.kind() == Span::SPAN_KIND_CLIENT) {
        trace.tries.push_back(span);
      } else {
        trace.call = span;
        ++calls;
      }
    }
    EXPECT_EQ(calls, 1U);
    for (const Span& attempt : trace.tries) {
      EXPECT_EQ(attempt.trace_id(), trace.call.trace_id());
      EXPECT_EQ(attempt.parent_span_id(), trace.call.span_id());
    }
    return trace;
  }

  OtlpReceiver receiver_;
};

TEST_F(TracingTest, ACallIsASpanBeneathItsCallersAndItsTryOneBeneathThat) {
  EXPECT_TRUE(
      Call(Rpc::kGetApiKeys, With({{"traceparent", kSampled}, {"tracestate", "a=1"}})).ok());
  const std::string told = ToldPortal();
  EXPECT_EQ(portal().Requests().at(0).Find("tracestate"), "a=1");
  const auto [call, tries] = OnlyTrace();
  EXPECT_EQ(call.name(), "docspace.apikeys.v1.ApiKeys/GetApiKeys");
  EXPECT_EQ(Hex(call.trace_id()), kTraceId);
  EXPECT_EQ(Hex(call.parent_span_id()), "00f067aa0ba902b7");
  EXPECT_EQ(AttributeOf(call, "rpc.grpc.status_code"), "0");
  EXPECT_EQ(call.status().code(), 0);
  ASSERT_THAT(tries, SizeIs(1));
  EXPECT_EQ(told, "00-" + std::string(kTraceId) + "-" + Hex(tries[0].span_id()) + "-01");
  EXPECT_EQ(tries[0].name(), "GET /api/2.0/keys");
  EXPECT_EQ(AttributeOf(tries[0], "http.request.method"), "GET");
  EXPECT_EQ(AttributeOf(tries[0], "http.response.status_code"), "200");
  EXPECT_EQ(AttributeOf(tries[0], "server.address"), "127.0.0.1");
  EXPECT_EQ(AttributeOf(tries[0], "server.port"), std::to_string(portal().port()));
  EXPECT_EQ(AttributeOf(tries[0], "url.path"), "/api/2.0/keys");
  const auto line = gateway().log().RpcLines().at(0);
  EXPECT_EQ(line.at("trace_id"), kTraceId);
  EXPECT_EQ(line.at("span_id").as_string().c_str(), Hex(call.span_id()));
}

TEST_F(TracingTest, ACallWithoutAParentIsARoot) {
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, With({{"traceparent", "none"}, {"tracestate", "a=1"}})).ok());
  EXPECT_EQ(portal().Requests().at(0).Find("tracestate"), "");
  const std::string told = ToldPortal();
  const auto [call, tries] = OnlyTrace();
  EXPECT_EQ(call.parent_span_id(), "");
  ASSERT_THAT(tries, SizeIs(1));
  EXPECT_EQ(told, "00-" + Hex(call.trace_id()) + "-" + Hex(tries[0].span_id()) + "-01");
  EXPECT_EQ(gateway().log().RpcLines().at(0).at("trace_id").as_string().c_str(),
            Hex(call.trace_id()));
}

TEST_F(TracingTest, ATraceThatIsNotSampledIsPassedOnAndNotExported) {
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, With({{"traceparent", kUnsampled}})).ok());
  const auto told = tracing::ReadTraceParent(ToldPortal());
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(tracing::TraceIdOf(ToldPortal()), kTraceId);
  EXPECT_NE(tracing::SpanIdOf(ToldPortal()), tracing::SpanIdOf(kUnsampled));
  EXPECT_FALSE(told->sampled);
  gateway().Stop();
  EXPECT_THAT(receiver_.Spans(), IsEmpty());
  EXPECT_EQ(gateway().log().RpcLines().at(0).at("trace_id"), kTraceId);
}

TEST_F(TracingTest, EachTryIsASpanOfItsOwn) {
  portal().FailNext(
      {.body = Fault::Body::kGenuine, .delivery = {.drop = emulator::Delivery::Drop::kClose}});
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, With({{"traceparent", kSampled}})).ok());
  const std::string told[] = {ToldPortal(0), ToldPortal(1)};
  const auto [call, tries] = OnlyTrace();
  ASSERT_THAT(tries, SizeIs(2));
  EXPECT_EQ(tracing::SpanIdOf(told[0]), Hex(tries[0].span_id()));
  EXPECT_EQ(tracing::SpanIdOf(told[1]), Hex(tries[1].span_id()));
  EXPECT_EQ(AttributeOf(tries[0], "error.type"), "connection_lost");
  EXPECT_EQ(AttributeOf(tries[0], "http.request.resend_count"), "");
  EXPECT_EQ(AttributeOf(tries[1], "error.type"), "");
  EXPECT_EQ(AttributeOf(tries[1], "http.request.resend_count"), "1");
}

class ImpatientTracingTest : public TracingTest {
  void Configure(Config& config) override {
    TracingTest::Configure(config);
    // Long enough to reach the portal, even on a busy machine.
    config.limits.request_timeout = std::chrono::seconds(1);
  }
};

TEST_F(ImpatientTracingTest, ATryThatTheDeadlineCutsOffTimedOut) {
  portal().FailNext({.body = Fault::Body::kGenuine, .delivery = {.delay = std::chrono::hours(1)}});
  Call(Rpc::kGetApiKeys, With({{"traceparent", kSampled}}));
  const auto [call, tries] = OnlyTrace();
  EXPECT_EQ(AttributeOf(call, "error.type"), "DEADLINE_EXCEEDED");
  ASSERT_THAT(tries, SizeIs(1));
  EXPECT_EQ(AttributeOf(tries[0], "error.type"), "timeout");
}

TEST_F(TracingTest, AFailureOfThePortalFailsBoth) {
  portal().FailNext({.status = 500, .body = Fault::Body::kErrorJson, .text = "planted-echo"});
  Call(Rpc::kDeleteApiKey, With({{"traceparent", kSampled}}));
  const auto [call, tries] = OnlyTrace();
  EXPECT_EQ(AttributeOf(call, "rpc.grpc.status_code"), "13");
  EXPECT_EQ(AttributeOf(call, "error.type"), "UPSTREAM_ERROR");
  EXPECT_NE(call.status().code(), 0);
  ASSERT_THAT(tries, SizeIs(1));
  EXPECT_EQ(tries[0].name(), "DELETE /api/2.0/keys/{key_id}");
  EXPECT_EQ(AttributeOf(tries[0], "error.type"), "500");
}

TEST_F(TracingTest, ACallThatReachesNoPortalHasNoTry) {
  Call(Rpc::kGetApiKeys, {});
  const auto [call, tries] = OnlyTrace();
  EXPECT_THAT(tries, IsEmpty());
  EXPECT_EQ(AttributeOf(call, "error.type"), "CREDENTIALS_MISSING");
  EXPECT_EQ(call.status().code(), 0);  // The caller caused the error.
}

TEST_F(TracingTest, S10_WhatACallerWhoIsNotAcceptedAsksToRecordIsNot) {
  Call(Rpc::kGetApiKeys, {{"traceparent", kSampled}});
  Call(Rpc::kGetApiKeys,
       {{"traceparent", kSampled}, {"apikeybearer", "sk-" + std::string(64, '0')}});
  gateway().Stop();
  EXPECT_THAT(receiver_.Spans(), IsEmpty());
}

TEST_F(TracingTest, NothingSecretIsExported) {
  portal().FailNext({.status = 403, .body = Fault::Body::kErrorJson, .text = "planted-echo"});
  Call(Rpc::kGetApiKeys, With({{"tracestate", "planted=1"}, {"traceparent", kSampled}}));
  for (const Rpc rpc : kRpcs) Call(rpc, With({{"traceparent", kSampled}}));
  for (const Rpc rpc : kRpcs) Call(rpc, BasicOf(Role::kOwner));
  gateway().Stop();
  ASSERT_THAT(receiver_.Spans(), SizeIs(26));
  std::vector<std::string> secrets = {"planted", "Created", portal().user(Role::kOwner).email};
  for (const auto& user : portal().users()) {
    for (const std::string& secret : {user.password, user.Basic().substr(6), user.api_key}) {
      if (!secret.empty()) secrets.push_back(secret);
    }
  }
  for (const emulator::ApiKey& key : portal().Keys()) {
    secrets.push_back(key.secret);
    secrets.push_back(key.id);
  }
  for (const OtlpReceiver::Request& request : receiver_.Kept()) {
    for (const std::string& secret : secrets) {
      EXPECT_THAT(request.SerializeAsString(), Not(HasSubstr(secret)));
    }
  }
}

class NoCollectorTest : public EndToEndTest {};

TEST_F(NoCollectorTest, TraceContextIsForwardedUntouched) {
  const std::string later = "cc" + kSampled.substr(2) + "-more";
  Metadata metadata = ApiKeyOf(Role::kOwner);
  metadata.emplace_back("traceparent", later);
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, metadata).ok());
  EXPECT_EQ(portal().Requests().at(0).Find("traceparent"), later);
  EXPECT_TRUE(Call(Rpc::kGetApiKeys, ApiKeyOf(Role::kOwner)).ok());
  EXPECT_EQ(portal().Requests().at(1).Find("traceparent"), "");
  gateway().Stop();
  EXPECT_EQ(gateway().log().RpcLines().at(0).at("trace_id"), kTraceId);
  EXPECT_EQ(gateway().log().RpcLines().at(0).at("span_id"), "00f067aa0ba902b7");
  EXPECT_FALSE(gateway().log().RpcLines().at(1).contains("trace_id"));
}

}  // namespace
}  // namespace docspace::gateway::testkit
