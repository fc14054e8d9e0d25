package dev.docspace.apikeys;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.docspace.apikeys.v1.ApiKeysGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ChoiceChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.CompositeChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A channel to a gateway with a default deadline, retries of reads after {@code UNAVAILABLE}, and calls to all of the
 * gateway's addresses in turn.
 *
 * <p>gRPC does not repeat a write, because it cannot tell whether an {@code UNAVAILABLE} is the gateway's. {@link
 * ErrorDetails#isSafeToRetry()} tells whether the caller may.
 */
public final class GatewayChannel {
  /** The deadline of a whole call, retries included, if the caller's stub sets none. */
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

  /** Tells {@link Credential} whether the channel allows plaintext to other machines. */
  static final CallOptions.Key<Boolean> REMOTE_PLAINTEXT =
      CallOptions.Key.createWithDefault("docspace-allow-remote-plaintext", false);

  private GatewayChannel() {}

  /**
   * The options of a channel.
   *
   * @param timeout the deadline of a whole call, retries included, if the caller's stub sets none
   * @param remotePlaintextAllowed see {@link #allowRemotePlaintext()}
   */
  public record Options(Duration timeout, boolean remotePlaintextAllowed) {
    public static final Options DEFAULT = new Options(DEFAULT_TIMEOUT, false);

    public Options withTimeout(Duration timeout) {
      return new Options(timeout, remotePlaintextAllowed);
    }

    /**
     * Lets plaintext reach other machines. It is for networks that encrypt their traffic, such as a service mesh. On
     * other networks everyone on the path can read the credential.
     */
    public Options allowRemotePlaintext() {
      return new Options(timeout, true);
    }
  }

  /**
   * @param target {@code host:port}, or any other gRPC target: {@code dns:///gateway:50051}
   * @param transport {@link io.grpc.TlsChannelCredentials}, or {@link
   *     io.grpc.InsecureChannelCredentials} on this machine
   * @throws IllegalArgumentException if {@code transport} is plaintext to another machine
   */
  public static ManagedChannelBuilder<?> builder(String target, ChannelCredentials transport) {
    return builder(target, transport, Options.DEFAULT);
  }

  public static ManagedChannelBuilder<?> builder(String target, ChannelCredentials transport, Options options) {
    boolean plaintext = mayBePlaintext(transport);
    boolean loopback = Target.isLoopback(target);
    if (plaintext && !loopback && !options.remotePlaintextAllowed()) {
      throw new IllegalArgumentException(
          "plaintext would show the credential to other machines: use TLS, or allowRemotePlaintext");
    }
    ManagedChannelBuilder<?> builder =
        Grpc.newChannelBuilder(target, transport)
            // A service config from DNS could repeat writes.
            .disableServiceConfigLookUp()
            .defaultServiceConfig(SERVICE_CONFIG)
            .enableRetry()
            .intercept(new Defaults(options))
            // A list of 10,000 keys is about twice gRPC's default of 4 MiB.
            .maxInboundMessageSize(64 * 1024 * 1024);
    // A proxy of the JVM's settings is another machine.
    return plaintext && loopback ? builder.proxyDetector(address -> null) : builder;
  }

  private static boolean mayBePlaintext(ChannelCredentials transport) {
    if (transport instanceof CompositeChannelCredentials composite) {
      return mayBePlaintext(composite.getChannelCredentials());
    }
    if (transport instanceof ChoiceChannelCredentials choice) {
      return choice.getCredentialsList().stream().anyMatch(GatewayChannel::mayBePlaintext);
    }
    return transport instanceof InsecureChannelCredentials;
  }

  private record Defaults(Options options) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions call, Channel next) {
      if (call.getDeadline() == null) call = call.withDeadlineAfter(options.timeout().toNanos(), NANOSECONDS);
      return next.newCall(method, call.withOption(REMOTE_PLAINTEXT, options.remotePlaintextAllowed()));
    }
  }
}
