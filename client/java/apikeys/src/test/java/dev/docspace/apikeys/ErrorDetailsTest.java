package dev.docspace.apikeys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class ErrorDetailsTest {
  @Test
  void readsAllThatTheGatewaySays() {
    var violation = BadRequest.FieldViolation.newBuilder().setField("name").setDescription("too long");
    var quota = QuotaFailure.Violation.newBuilder().setSubject("user").setDescription("5 in 15 minutes");
    var thrown =
        failure(
            Code.INVALID_ARGUMENT,
            info("INVALID_REQUEST", "http_status", "400"),
            BadRequest.newBuilder().addFieldViolations(violation).build(),
            QuotaFailure.newBuilder().addViolations(quota).build(),
            delay(1500));
    var error = ErrorDetails.of(new ExecutionException(thrown));
    assertEquals(Code.INVALID_ARGUMENT, error.code());
    assertEquals("because", error.message());
    assertEquals("INVALID_REQUEST", error.reason());
    assertEquals("7", error.requestId());
    assertEquals(List.of(new ErrorDetails.FieldViolation("name", "too long")), error.fieldViolations());
    assertEquals(List.of(new ErrorDetails.QuotaViolation("user", "5 in 15 minutes")), error.quotaViolations());
    assertEquals(400, error.httpStatus());
    assertEquals(Optional.of(Duration.ofMillis(1500)), error.retryDelay());
    assertTrue(error.isFromGateway());
  }

  @Test
  void readsWhatGrpcItselfSays() {
    var error = ErrorDetails.of(Status.UNAVAILABLE.asRuntimeException());
    assertEquals(Code.UNAVAILABLE, error.code());
    assertEquals("", error.message() + error.reason() + error.requestId());
    assertEquals(Optional.empty(), error.retryDelay());
    assertFalse(error.isFromGateway());
  }

  @Test
  void passesOverDetailsThatCannotBeRead() {
    var broken = Any.newBuilder().setTypeUrl("type.googleapis.com/google.rpc.ErrorInfo");
    broken.setValue(ByteString.copyFromUtf8("\u00ff"));
    var status = com.google.rpc.Status.newBuilder().setCode(5).addDetails(broken).build();
    assertEquals(Code.NOT_FOUND, ErrorDetails.of(StatusProto.toStatusRuntimeException(status)).code());
  }

  @Test
  void isSafeToRetryIfTheGatewayStatesThatNothingWasDone() {
    assertTrue(retried(Code.UNAVAILABLE, info("UPSTREAM_UNREACHABLE")));
    assertTrue(retried(Code.RESOURCE_EXHAUSTED, info("RATE_LIMITED"), delay(1)));
    assertTrue(retried(Code.RESOURCE_EXHAUSTED, info("RATE_LIMITED")));
    assertTrue(retried(Code.RESOURCE_EXHAUSTED, info("GATEWAY_OVERLOADED")));
    assertFalse(retried(Code.RESOURCE_EXHAUSTED));
    assertFalse(retried(Code.RESOURCE_EXHAUSTED, info("REQUEST_TOO_LARGE")));
    assertFalse(retried(Code.UNAVAILABLE));
    assertFalse(retried(Code.UNKNOWN, info("WRITE_OUTCOME_UNKNOWN")));
    assertFalse(retried(Code.DEADLINE_EXCEEDED, info("DEADLINE_EXCEEDED")));
  }

  @Test
  void knowsWhetherAWriteWasSent() {
    for (String sent : List.of("true", "false")) {
      var error = ErrorDetails.of(failure(Code.DEADLINE_EXCEEDED, info("DEADLINE_EXCEEDED", "write_sent", sent)));
      assertEquals(sent.equals("false"), error.isKnownNotApplied());
      assertFalse(error.isSafeToRetry());
    }
    var foreign = info("DEADLINE_EXCEEDED", "write_sent", "false").toBuilder().setDomain("mesh.example").build();
    assertFalse(ErrorDetails.of(failure(Code.DEADLINE_EXCEEDED, foreign)).isKnownNotApplied());
  }

  @Test
  void hasNoHttpStatusWithoutThreeDigits() {
    for (String text : List.of("", "4 2", "429\n", "99999")) {
      assertEquals(0, ErrorDetails.of(failure(Code.INTERNAL, info("X", "http_status", text))).httpStatus());
    }
  }

  @Test
  void backsOffWithAndWithoutADelayOfTheGateway() {
    Throwable limited = failure(Code.RESOURCE_EXHAUSTED, info("RATE_LIMITED"));
    assertWaits(limited, 1, 500, 1000);
    assertWaits(limited, 3, 2000, 4000);
    assertWaits(limited, 10_000, 15_000, 30_000);
    assertWaits(failure(Code.RESOURCE_EXHAUSTED, info("RATE_LIMITED"), delay(7000)), 1, 7000, 7200);
    assertWaits(failure(Code.UNAVAILABLE, info("UPSTREAM_UNAVAILABLE")), 2, 0, 400);
  }

  @Test
  void clampsTheDelayOfTheGateway() {
    assertEquals(Optional.of(Duration.ofDays(365)), delayOf(Long.MAX_VALUE, Integer.MAX_VALUE));
    assertEquals(Optional.empty(), delayOf(Long.MIN_VALUE, 0));
    assertEquals(Optional.empty(), delayOf(1, -1));
    assertEquals(Optional.of(Duration.ZERO), delayOf(0, 0));
  }

  private static Optional<Duration> delayOf(long seconds, int nanos) {
    var delay = com.google.protobuf.Duration.newBuilder().setSeconds(seconds).setNanos(nanos);
    var error = ErrorDetails.of(failure(Code.UNAVAILABLE, RetryInfo.newBuilder().setRetryDelay(delay).build()));
    assertTrue(error.backoff(1000).compareTo(error.retryDelay().orElse(Duration.ZERO)) >= 0);
    return error.retryDelay();
  }

  private static void assertWaits(Throwable thrown, int attempts, long shortest, long longest) {
    for (int i = 0; i < 100; i++) {
      long wait = ErrorDetails.of(thrown).backoff(attempts).toMillis();
      assertTrue(wait >= shortest && wait <= longest, thrown + " after " + attempts + ": " + wait);
    }
  }

  private static boolean retried(Code code, Message... details) {
    var error = ErrorDetails.of(failure(code, details));
    assertEquals(error.isSafeToRetry(), error.isKnownNotApplied());
    return error.isSafeToRetry();
  }

  private static ErrorInfo info(String reason) {
    return info(reason, "request_id", "7");
  }

  private static ErrorInfo info(String reason, String name, String value) {
    return ErrorInfo.newBuilder()
        .setReason(reason)
        .setDomain(ErrorDetails.DOMAIN)
        .putMetadata("request_id", "7")
        .putMetadata(name, value)
        .build();
  }

  private static RetryInfo delay(int millis) {
    var delay = com.google.protobuf.Duration.newBuilder();
    delay.setSeconds(millis / 1000).setNanos(millis % 1000 * 1_000_000);
    return RetryInfo.newBuilder().setRetryDelay(delay).build();
  }

  private static RuntimeException failure(Code code, Message... details) {
    var status = com.google.rpc.Status.newBuilder().setCode(code.value()).setMessage("because");
    for (Message detail : details) status.addDetails(Any.pack(detail));
    return StatusProto.toStatusRuntimeException(status.build());
  }
}
