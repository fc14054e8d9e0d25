package dev.docspace.apikeys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class ApiKeysErrorTest {
  @Test
  void readsAllThatTheGatewaySays() {
    var violation = BadRequest.FieldViolation.newBuilder().setField("name").setDescription("too long");
    var thrown =
        failure(
            Code.INVALID_ARGUMENT,
            info("INVALID_REQUEST"),
            BadRequest.newBuilder().addFieldViolations(violation).build(),
            delay(1500));
    var error = ApiKeysError.of(new ExecutionException(thrown));
    assertEquals(Code.INVALID_ARGUMENT, error.code());
    assertEquals("because", error.message());
    assertEquals("INVALID_REQUEST", error.reason());
    assertEquals("7", error.requestId());
    assertEquals(List.of(new ApiKeysError.FieldViolation("name", "too long")), error.fieldViolations());
    assertEquals(Optional.of(Duration.ofMillis(1500)), error.retryDelay());
    assertTrue(error.isFromGateway());
  }

  @Test
  void readsWhatGrpcItselfSays() {
    var error = ApiKeysError.of(Status.UNAVAILABLE.asRuntimeException());
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
    assertEquals(Code.NOT_FOUND, ApiKeysError.of(StatusProto.toStatusRuntimeException(status)).code());
  }

  @Test
  void isSafeToRetryWhereTheGatewaySaysThatNothingWasDone() {
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
    var error = ApiKeysError.of(failure(Code.UNAVAILABLE, RetryInfo.newBuilder().setRetryDelay(delay).build()));
    assertTrue(error.backoff(1000).compareTo(error.retryDelay().orElse(Duration.ZERO)) >= 0);
    return error.retryDelay();
  }

  private static void assertWaits(Throwable thrown, int attempts, long shortest, long longest) {
    for (int i = 0; i < 100; i++) {
      long wait = ApiKeysError.of(thrown).backoff(attempts).toMillis();
      assertTrue(wait >= shortest && wait <= longest, thrown + " after " + attempts + ": " + wait);
    }
  }

  private static boolean retried(Code code, Message... details) {
    return ApiKeysError.of(failure(code, details)).isSafeToRetry();
  }

  private static ErrorInfo info(String reason) {
    return ErrorInfo.newBuilder()
        .setReason(reason)
        .setDomain(ApiKeysError.DOMAIN)
        .putMetadata("request_id", "7")
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
