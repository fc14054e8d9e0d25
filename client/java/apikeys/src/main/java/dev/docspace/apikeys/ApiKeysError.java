package dev.docspace.apikeys;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a call that failed says, read from its {@code grpc-status-details-bin}.
 *
 * @param message for a person, not a program
 * @param reason {@code RATE_LIMITED}, {@code KEY_NOT_FOUND}, …; empty where gRPC itself made the error
 * @param domain of the reason: {@link #DOMAIN} where the gateway made the error
 * @param metadata {@code http_status}, {@code upstream_type} and the like, where known
 * @param retryDelay how long to wait at least before another try
 */
public record ApiKeysError(
    Status.Code code,
    String message,
    String reason,
    String domain,
    Map<String, String> metadata,
    List<FieldViolation> fieldViolations,
    Optional<Duration> retryDelay) {

  /** The domain of the gateway's own errors. */
  public static final String DOMAIN = "apikeys.docspace.onlyoffice.com";

  private static final Duration LONGEST_DELAY = Duration.ofDays(365);

  /** What is wrong with a field, named as in the proto: {@code expires_in_days}. */
  public record FieldViolation(String field, String description) {}

  /**
   * Reads what a stub threw: a {@link io.grpc.StatusRuntimeException}, or an {@link
   * java.util.concurrent.ExecutionException} of a future. Details that cannot be read are passed
   * over.
   */
  public static ApiKeysError of(Throwable thrown) {
    Status status = Status.fromThrowable(thrown);
    com.google.rpc.Status rich = StatusProto.fromThrowable(thrown);
    if (rich == null) rich = com.google.rpc.Status.getDefaultInstance();
    ErrorInfo info = detail(rich, ErrorInfo.class).orElse(ErrorInfo.getDefaultInstance());
    return new ApiKeysError(
        status.getCode(),
        Optional.ofNullable(status.getDescription()).orElse(""),
        info.getReason(),
        info.getDomain(),
        Map.copyOf(info.getMetadataMap()),
        detail(rich, BadRequest.class).stream()
            .flatMap(bad -> bad.getFieldViolationsList().stream())
            .map(violation -> new FieldViolation(violation.getField(), violation.getDescription()))
            .toList(),
        detail(rich, RetryInfo.class)
            .filter(RetryInfo::hasRetryDelay)
            .map(retry -> retry.getRetryDelay())
            // A message may hold any number: a year is as good as never, and what is negative is no delay.
            .filter(delay -> delay.getSeconds() >= 0 && delay.getNanos() >= 0)
            .map(
                delay ->
                    delay.getSeconds() < LONGEST_DELAY.toSeconds()
                        ? Duration.ofSeconds(delay.getSeconds(), delay.getNanos())
                        : LONGEST_DELAY));
  }

  /** Finds the call in the gateway's log. May be empty. */
  public String requestId() {
    return metadata.getOrDefault("request_id", "");
  }

  /** Whether the gateway made the error. If not, gRPC did, and the gateway may have seen the call. */
  public boolean isFromGateway() {
    return domain.equals(DOMAIN);
  }

  /**
   * Whether another attempt, of a write too, cannot act twice and may succeed, after {@link #backoff}.
   * Reads that failed with UNAVAILABLE have been tried again already: see {@link GatewayChannel}.
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
   * How long to wait before the next attempt, when {@code attempts} have been made so far: {@link
   * #retryDelay} and a random part of a time that doubles with each attempt, from 200 ms to 30 s. Most rate
   * limits of a portal say no delay: then the time doubles from 1 s, and at least half of it is waited.
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
