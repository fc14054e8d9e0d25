package dev.docspace.apikeys;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.docspace.apikeys.v1.ApiKeysGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Grpc;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A channel to a gateway, set up as its calls want it: a default deadline, reads that are tried again
 * while the gateway or the portal is unavailable, calls spread over all of the gateway's addresses.
 *
 * <p>A write is not tried again: {@code UNAVAILABLE} of gRPC itself does not say whether the gateway
 * carried it out. {@link ApiKeysError#isSafeToRetry()} says when a caller may.
 */
public final class GatewayChannel {
  /** For a whole call, its retries included, where the caller's stub sets none. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

  private static final Map<String, ?> SERVICE_CONFIG =
      Map.of(
          "loadBalancingConfig",
          List.of(Map.of("round_robin", Map.of())),
          "methodConfig",
          List.of(
              Map.of(
                  "name",
                  Stream.of(
                          ApiKeysGrpc.getGetAllPermissionsMethod(),
                          ApiKeysGrpc.getGetApiKeyMethod(),
                          ApiKeysGrpc.getGetApiKeysMethod())
                      .map(read -> Map.of("service", read.getServiceName(), "method", read.getBareMethodName()))
                      .toList(),
                  "retryPolicy",
                  Map.of(
                      "maxAttempts", 4.0,
                      "initialBackoff", "0.2s",
                      "maxBackoff", "5s",
                      "backoffMultiplier", 2.0,
                      "retryableStatusCodes", List.of("UNAVAILABLE")))));

  private GatewayChannel() {}

  /**
   * @param target {@code host:port}, or any other gRPC target: {@code dns:///gateway:50051}
   * @param transport {@link io.grpc.TlsChannelCredentials}, or {@link
   *     io.grpc.InsecureChannelCredentials} on this machine
   */
  public static ManagedChannelBuilder<?> builder(String target, ChannelCredentials transport) {
    return builder(target, transport, DEFAULT_TIMEOUT);
  }

  public static ManagedChannelBuilder<?> builder(
      String target, ChannelCredentials transport, Duration timeout) {
    return Grpc.newChannelBuilder(target, transport)
        .disableServiceConfigLookUp()
        .defaultServiceConfig(SERVICE_CONFIG)
        .enableRetry()
        .intercept(new DefaultDeadline(timeout))
        // A list of 10,000 keys is about twice gRPC's default of 4 MiB.
        .maxInboundMessageSize(64 * 1024 * 1024);
  }

  private record DefaultDeadline(Duration timeout) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return next.newCall(
          method,
          options.getDeadline() != null ? options : options.withDeadlineAfter(timeout.toNanos(), NANOSECONDS));
    }
  }
}
