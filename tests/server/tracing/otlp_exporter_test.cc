#include "server/tracing/otlp_exporter.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/security/server_credentials.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/testkit/certificates.h"
#include "tests/testkit/gateway_under_test.h"
#include "tests/testkit/otlp_receiver.h"
#include "tests/testkit/reserved_port.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::tracing {
namespace {

using gateway::testkit::AttributeOf;
using gateway::testkit::CertificateAuthority;
using gateway::testkit::KeptLog;
using gateway::testkit::OtlpReceiver;
using gateway::testkit::WaitUntil;
using grpc::StatusCode;
using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Span SpanNamed(const std::string& name) {
  const Span::Time now = std::chrono::system_clock::now();
  return {.trace_id = {1}, .span_id = {2}, .name = name, .start = now, .end = now};
}

OtlpReceiver::Answer With(StatusCode code, const std::string& details = "") {
  return [code, details](grpc::ServerContext&, OtlpReceiver::Response&) {
    return grpc::Status(code, "planted", details);
  };
}

std::string RetryInfo(std::int64_t seconds, milliseconds more) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(seconds);
  info.mutable_retry_delay()->set_nanos(static_cast<int>(more.count()) * 1'000'000);
  google::rpc::Status status;
  EXPECT_TRUE(status.add_details()->PackFrom(info));
  return status.SerializeAsString();
}

class OtlpExporterTest : public ::testing::Test {
 protected:
  OtlpExporterTest() {
    options_.min_backoff = options_.max_backoff = milliseconds(1);
    // Longer than a busy machine takes to send what waits at the end.
    options_.flush = std::chrono::minutes(1);
  }

  void Start(int port) {
    options_.collector.host = "127.0.0.1";
    options_.collector.port = static_cast<std::uint16_t>(port);
    exporter_ = std::make_unique<OtlpExporter>(options_, log_.logger());
  }
  // Starts an exporter that sends each span at once in its own request.
  void StartEager() {
    options_.max_batch = 1;
    Start(receiver_.port());
  }
  void Add(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) exporter_->Add(SpanNamed(std::to_string(i)));
  }
  bool WaitForCounts(std::uint64_t exported, std::uint64_t dropped) {
    return WaitUntil(
        [&] { return exporter_->exported() == exported && exporter_->dropped() == dropped; });
  }

  OtlpReceiver receiver_;
  KeptLog log_;
  OtlpOptions options_{.resource = {.service_name = "service",
                                    .service_version = "1.2.3",
                                    .service_instance_id = "instance"}};
  std::unique_ptr<OtlpExporter> exporter_;
};

TEST_F(OtlpExporterTest, WritesEverythingOfASpan) {
  const Span::Time start = Span::Time() + std::chrono::seconds(7);
  StartEager();
  exporter_->Add({.trace_id = {0xAB, 1},
                  .span_id = {0xCD, 2},
                  .parent_id = {0xEF, 3},
                  .remote_parent = true,
                  .kind = Span::Kind::kServer,
                  .name = "name",
                  .start = start,
                  .end = start + milliseconds(5),
                  .failed = true,
                  .attributes = {{"text", "t"}, {"number", std::int64_t{404}}, {"is", true}}});
  ASSERT_TRUE(receiver_.WaitForSpans(1));
  const OtlpReceiver::Span span = receiver_.Spans().at(0);
  EXPECT_EQ(span.trace_id(), std::string("\xAB\1") + std::string(14, '\0'));
  EXPECT_EQ(span.span_id(), std::string("\xCD\2") + std::string(6, '\0'));
  EXPECT_EQ(span.parent_span_id(), std::string("\xEF\3") + std::string(6, '\0'));
  EXPECT_EQ(span.flags(), 0x301U);
  EXPECT_EQ(span.kind(), OtlpReceiver::Span::SPAN_KIND_SERVER);
  EXPECT_EQ(span.name(), "name");
  EXPECT_EQ(span.start_time_unix_nano(), 7'000'000'000U);
  EXPECT_EQ(span.end_time_unix_nano(), 7'005'000'000U);
  EXPECT_EQ(span.status().code(), opentelemetry::proto::trace::v1::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(AttributeOf(span, "text"), "t");
  EXPECT_EQ(AttributeOf(span, "number"), "404");
  EXPECT_EQ(AttributeOf(span, "is"), "true");
  std::string resource;
  const OtlpReceiver::Request request = receiver_.Kept().at(0);
  for (const auto& attribute : request.resource_spans(0).resource().attributes()) {
    resource += attribute.key() + "=" + attribute.value().string_value() + " ";
  }
  EXPECT_EQ(resource, "service.instance.id=instance service.name=service service.version=1.2.3 ");
}

TEST_F(OtlpExporterTest, SendsFurtherAttributesOfTheGateway) {
  options_.resource.attributes = {{"service.instance.id", "pod-1"},
                                  {"service.version", "theirs"},
                                  {"deployment.environment", "a b"}};
  StartEager();
  Add(1);
  ASSERT_TRUE(receiver_.WaitForSpans(1));
  std::string resource;
  const OtlpReceiver::Request request = receiver_.Kept().at(0);
  for (const auto& attribute : request.resource_spans(0).resource().attributes()) {
    resource += attribute.key() + "=" + attribute.value().string_value() + " ";
  }
  EXPECT_EQ(resource,
            "deployment.environment=a b service.instance.id=pod-1 service.name=service "
            "service.version=1.2.3 ");
}

TEST_F(OtlpExporterTest, SendsItsHeadersWithEachRequest) {
  options_.headers.emplace_back("authorization", Secret("Bearer planted"));
  std::string authorization;
  receiver_.AnswerNext([&authorization](grpc::ServerContext& context, OtlpReceiver::Response&) {
    const auto found = context.client_metadata().find("authorization");
    if (found != context.client_metadata().end()) {
      authorization.assign(found->second.data(), found->second.size());
    }
    return grpc::Status::OK;
  });
  StartEager();
  Add(1);
  ASSERT_TRUE(receiver_.WaitForSpans(1));
  exporter_.reset();
  EXPECT_EQ(authorization, "Bearer planted");
  for (const std::string& line : log_.Lines()) EXPECT_THAT(line, Not(HasSubstr("planted")));
}

TEST_F(OtlpExporterTest, SendsAFullBatchAtOnce) {
  options_.interval = hours(1);
  options_.max_batch = 10;
  Start(receiver_.port());
  Add(25);
  EXPECT_TRUE(receiver_.WaitForSpans(10));
  exporter_.reset();
  EXPECT_THAT(receiver_.Spans(), SizeIs(25));
  for (const auto& request : receiver_.Kept()) {
    EXPECT_LE(request.resource_spans(0).scope_spans(0).spans_size(), 10);
  }
}

TEST_F(OtlpExporterTest, WhatCameDuringARequestWaitsForItsBatchToo) {
  options_.interval = hours(1);
  options_.max_batch = 10;
  receiver_.AnswerNext([this](grpc::ServerContext&, OtlpReceiver::Response&) {
    Add(1);
    return grpc::Status::OK;
  });
  Start(receiver_.port());
  Add(10);
  EXPECT_TRUE(WaitForCounts(10, 0));
  Add(9);
  EXPECT_TRUE(WaitForCounts(20, 0));
  EXPECT_EQ(receiver_.requests(), 2U);
}

TEST_F(OtlpExporterTest, SendsWhatWaitsAfterAnInterval) {
  options_.interval = milliseconds(1);
  Start(receiver_.port());
  Add(3);
  EXPECT_TRUE(receiver_.WaitForSpans(3));
  EXPECT_TRUE(WaitForCounts(3, 0));
}

TEST_F(OtlpExporterTest, SendsWhatWaitsAtItsEnd) {
  options_.interval = hours(1);
  Start(receiver_.port());
  Add(3);
  exporter_.reset();
  EXPECT_THAT(receiver_.Spans(), SizeIs(3));
}

TEST_F(OtlpExporterTest, TriesAgainWhereOtlpSaysSo) {
  for (const StatusCode code :
       {StatusCode::CANCELLED, StatusCode::DEADLINE_EXCEEDED, StatusCode::ABORTED,
        StatusCode::OUT_OF_RANGE, StatusCode::UNAVAILABLE, StatusCode::DATA_LOSS}) {
    receiver_.AnswerNext(With(code));
  }
  receiver_.AnswerNext(With(StatusCode::RESOURCE_EXHAUSTED, RetryInfo(0, milliseconds(2))));
  StartEager();
  Add(1);
  EXPECT_TRUE(WaitForCounts(1, 0));
  EXPECT_EQ(receiver_.requests(), 8U);
  EXPECT_THAT(receiver_.Spans(), SizeIs(1));
}

TEST_F(OtlpExporterTest, WaitsAsLongAsItIsTold) {
  options_.min_backoff = options_.max_backoff = hours(1);
  options_.retry_for = hours(2);
  receiver_.AnswerNext(With(StatusCode::UNAVAILABLE, RetryInfo(0, milliseconds(1))));
  StartEager();
  Add(1);
  EXPECT_TRUE(WaitForCounts(1, 0));
}

TEST_F(OtlpExporterTest, ADelayOfNothingIsNoLeaveToHurry) {
  options_.min_backoff = options_.max_backoff = hours(1);
  receiver_.AnswerNext(With(StatusCode::RESOURCE_EXHAUSTED, RetryInfo(0, milliseconds(0))))
      .AnswerNext(With(StatusCode::RESOURCE_EXHAUSTED, RetryInfo(-1, milliseconds(0))));
  StartEager();
  Add(2);
  EXPECT_TRUE(WaitForCounts(0, 2));
  EXPECT_EQ(receiver_.requests(), 2U);
}

TEST_F(OtlpExporterTest, GivesUpWhereItIsToldToWaitForCenturies) {
  receiver_.AnswerNext(With(StatusCode::UNAVAILABLE, RetryInfo(315'576'000'000, milliseconds(0))));
  StartEager();
  Add(1);
  EXPECT_TRUE(WaitForCounts(0, 1));
  EXPECT_EQ(receiver_.requests(), 1U);
}

TEST_F(OtlpExporterTest, TriesAgainAtItsEndWhereThereIsTime) {
  options_.min_backoff = options_.max_backoff = milliseconds(200);
  receiver_.AnswerNext(With(StatusCode::UNAVAILABLE)).AnswerNext(With(StatusCode::UNAVAILABLE));
  StartEager();
  Add(1);
  ASSERT_TRUE(receiver_.WaitForRequests(1));
  exporter_.reset();
  EXPECT_EQ(receiver_.requests(), 3U);
  EXPECT_THAT(receiver_.Spans(), SizeIs(1));
}

TEST_F(OtlpExporterTest, DoesNotWaitAtItsEndForWhatItHasNoTimeFor) {
  options_.min_backoff = options_.max_backoff = hours(1);
  options_.retry_for = hours(2);
  receiver_.AnswerNext(With(StatusCode::UNAVAILABLE));
  StartEager();
  Add(1);
  ASSERT_TRUE(receiver_.WaitForRequests(1));
  exporter_.reset();  // If this waited, the test would time out.
  EXPECT_EQ(receiver_.requests(), 1U);
}

TEST_F(OtlpExporterTest, DropsWhatIsRefusedForGood) {
  const StatusCode codes[] = {StatusCode::INVALID_ARGUMENT, StatusCode::UNAUTHENTICATED,
                              StatusCode::UNIMPLEMENTED,    StatusCode::INTERNAL,
                              StatusCode::UNKNOWN,          StatusCode::RESOURCE_EXHAUSTED};
  for (const StatusCode code : codes) receiver_.AnswerNext(With(code));
  StartEager();
  Add(6);
  EXPECT_TRUE(WaitForCounts(0, 6));
  EXPECT_EQ(receiver_.requests(), 6U);
}

TEST_F(OtlpExporterTest, GivesUpAfterAWhile) {
  options_.retry_for = milliseconds(0);
  receiver_.AnswerNext(With(StatusCode::UNAVAILABLE));
  StartEager();
  Add(1);
  EXPECT_TRUE(WaitForCounts(0, 1));
}

TEST_F(OtlpExporterTest, CountsWhatACollectorRejectsOfARequest) {
  receiver_.AnswerNext([](grpc::ServerContext&, OtlpReceiver::Response& response) {
    response.mutable_partial_success()->set_rejected_spans(2);
    return grpc::Status::OK;
  });
  options_.max_batch = 5;
  options_.interval = hours(1);
  Start(receiver_.port());
  Add(5);
  EXPECT_TRUE(WaitForCounts(3, 2));
}

TEST_F(OtlpExporterTest, DropsTheNewestWhereTooManyWait) {
  options_.interval = hours(1);
  options_.max_queue = 3;
  Start(receiver_.port());
  Add(5);
  EXPECT_EQ(exporter_->dropped(), 2U);
  exporter_.reset();
  const auto spans = receiver_.Spans();
  ASSERT_THAT(spans, SizeIs(3));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(spans[i].name(), std::to_string(i));
}

TEST_F(OtlpExporterTest, ADeadCollectorCostsNothingButSpansAWarningAndTheSumAtTheEnd) {
  const gateway::testkit::ReservedPort nobody;
  options_.max_batch = 1;
  options_.retry_for = milliseconds(0);
  Start(nobody.port());
  Add(100);
  EXPECT_TRUE(WaitForCounts(0, 100));
  exporter_.reset();
  EXPECT_THAT(log_.Lines(), ElementsAre(HasSubstr("\"spans_dropped\",\"message\":\"1 spans"),
                                        HasSubstr("\"spans_dropped\",\"message\":\"99 spans")));
}

TEST_F(OtlpExporterTest, EndsInTimeWhereTheCollectorHangs) {
  options_.flush = milliseconds(50);
  options_.timeout = hours(1);
  receiver_.AnswerNext([](grpc::ServerContext& context, OtlpReceiver::Response&) {
    EXPECT_TRUE(WaitUntil([&] { return context.IsCancelled(); }));
    return grpc::Status::CANCELLED;
  });
  StartEager();
  Add(1);
  ASSERT_TRUE(receiver_.WaitForRequests(1));
  Add(1000);
  exporter_.reset();  // If this hung, the test would time out.
  EXPECT_EQ(receiver_.Spans().size(), 0U);
}

TEST_F(OtlpExporterTest, TrustsAnAuthorityOfItsOwn) {
  const CertificateAuthority authority;
  const CertificateAuthority stranger;
  const auto certificate = authority.Issue("127.0.0.1");
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({certificate.KeyPem(), certificate.CertificatePem()});
  OtlpReceiver receiver(grpc::SslServerCredentials(tls));
  options_.collector.tls = true;
  options_.max_batch = 1;
  options_.retry_for = milliseconds(0);
  options_.ca_pem = stranger.Pem();
  Start(receiver.port());
  Add(1);
  EXPECT_TRUE(WaitForCounts(0, 1));
  options_.ca_pem = authority.Pem();
  Start(receiver.port());
  Add(1);
  EXPECT_TRUE(WaitForCounts(1, 0));
  EXPECT_THAT(receiver.Spans(), SizeIs(1));
}

TEST(NewInstanceId, IsARandomUuid) {
  EXPECT_THAT(NewInstanceId(),
              ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                      "[0-9a-f]{12}"));
  EXPECT_NE(NewInstanceId(), NewInstanceId());
}

}  // namespace
}  // namespace docspace::gateway::tracing
