package dev.docspace.apikeys;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The details of the error of a failed call, read from its {@code grpc-status-details-bin}.
 *
 * @param message a text for a person, not for a program
 * @param reason {@code RATE_LIMITED}, {@code KEY_NOT_FOUND}, …; empty if gRPC itself made the error
 * @param domain the domain of the reason: {@link #DOMAIN} if the gateway made the error
 * @param metadata the metadata of the reason: {@code http_status}, {@code upstream_type}, {@code request_id}, … if
 *     they are known
 * @param fieldViolations the fields to correct after INVALID_ARGUMENT
 * @param quotaViolations the limits that were exceeded
 * @param retryDelay the least time to wait before another attempt; empty if the gateway states none
 */
public record ErrorDetails(
    Status.Code code,
    String message,
    String reason,
    String domain,
    Map<String, String> metadata,
    List<FieldViolation> fieldViolations,
    List<QuotaViolation> quotaViolations,
    Optional<Duration> retryDelay) {

  /** The domain of the gateway's own errors. */
  public static final String DOMAIN = "apikeys.docspace.onlyoffice.com";

  private static final Duration LONGEST_DELAY = Duration.ofDays(365);

  /** A field that was refused, named as in the proto ({@code expires_in_days}), and the reason. */
  public record FieldViolation(String field, String description) {}

  /** A limit that was exceeded, and whom it applies to. */
  public record QuotaViolation(String subject, String description) {}

  /**
   * Reads the exception of a stub: a {@link io.grpc.StatusRuntimeException}, or an {@link
   * java.util.concurrent.ExecutionException} of a future. Ignores details that cannot be read.
   */
  public static ErrorDetails of(Throwable thrown) {
    Status status = Status.fromThrowable(thrown);
    com.google.rpc.Status rich = StatusProto.fromThrowable(thrown);
    if (rich == null) rich = com.google.rpc.Status.getDefaultInstance();
    ErrorInfo info = detail(rich, ErrorInfo.class).orElse(ErrorInfo.getDefaultInstance());
    return new ErrorDetails(
        status.getCode(),
        Optional.ofNullable(status.getDescription()).orElse(""),
        info.getReason(),
        info.getDomain(),
        Map.copyOf(info.getMetadataMap()),
        detail(rich, BadRequest.class).stream()
            .flatMap(bad -> bad.getFieldViolationsList().stream())
            .map(violation -> new FieldViolation(violation.getField(), violation.getDescription()))
            .toList(),
        detail(rich, QuotaFailure.class).stream()
            .flatMap(quota -> quota.getViolationsList().stream())
            .map(violation -> new QuotaViolation(violation.getSubject(), violation.getDescription()))
            .toList(),
        detail(rich, RetryInfo.class)
            .filter(RetryInfo::hasRetryDelay)
            .map(retry -> retry.getRetryDelay())
            // A message may hold any number: the limit is a year, and a negative delay is none.
            .filter(delay -> delay.getSeconds() >= 0 && delay.getNanos() >= 0)
            .map(
                delay ->
                    delay.getSeconds() < LONGEST_DELAY.toSeconds()
                        ? Duration.ofSeconds(delay.getSeconds(), delay.getNanos())
                        : LONGEST_DELAY));
  }

  /** The id of the call in the gateway's log; empty if it is not known. */
  public String requestId() {
    return metadata.getOrDefault("request_id", "");
  }

  /** The status of the portal's response to the gateway; 0 if there was none. */
  public int httpStatus() {
    String text = metadata.getOrDefault("http_status", "");
    return text.matches("[0-9]{3}") ? Integer.parseInt(text) : 0;
  }

  /**
   * Whether the gateway made the error. If not, gRPC did, and the gateway may or may not have received the call.
   */
  public boolean isFromGateway() {
    return domain.equals(DOMAIN);
  }

  /**
   * Whether the gateway has stated that the portal did not carry out the call: by UNAVAILABLE, by {@code
   * RATE_LIMITED} or {@code GATEWAY_OVERLOADED}, or by {@code write_sent} "false" after a deadline or a
   * cancellation. False means only that nothing is known.
   */
  public boolean isKnownNotApplied() {
    return isSafeToRetry() || (isFromGateway() && "false".equals(metadata.get("write_sent")));
  }

  /**
   * Whether another attempt, of a write too, cannot act twice and may succeed, after {@link #backoff}. The channel
   * has already repeated reads that failed with UNAVAILABLE: see {@link GatewayChannel}.
   */
  public boolean isSafeToRetry() {
    return isFromGateway()
        && switch (code) {
          case UNAVAILABLE -> true;
          case RESOURCE_EXHAUSTED -> reason.equals("RATE_LIMITED") || reason.equals("GATEWAY_OVERLOADED");
          default -> false;
        };
  }

  /**
   * Returns how long to wait before the next attempt, after {@code attempts} attempts: {@link #retryDelay} and a
   * random part of a time that doubles with each attempt, from 200 ms to 30 s. Most rate limits of a portal state no
   * delay: then the time doubles from 1 s, and the wait is at least half of it.
   */
  public Duration backoff(int attempts) {
    boolean limited = code == Status.Code.RESOURCE_EXHAUSTED && retryDelay.isEmpty();
    int doublings = Math.min(Math.max(attempts - 1, 0), 16);
    long ceiling = Math.min(30_000L, (limited ? 1000L : 200L) << doublings);
    long random = ThreadLocalRandom.current().nextLong(limited ? ceiling / 2 : 0, ceiling);
    return retryDelay.orElse(Duration.ZERO).plusMillis(random);
  }

  private static <T extends Message> Optional<T> detail(com.google.rpc.Status rich, Class<T> type) {
    for (Any any : rich.getDetailsList()) {
      try {
        if (any.is(type)) return Optional.of(any.unpack(type));
      } catch (InvalidProtocolBufferException unreadable) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }
}
