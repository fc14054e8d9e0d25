package dev.docspace.apikeys;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.docspace.apikeys.v1.ApiKeysGrpc;
import dev.docspace.apikeys.v1.CreateApiKeyRequest;
import dev.docspace.apikeys.v1.GetApiKeysRequest;
import io.grpc.EquivalentAddressGroup;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GatewayChannelTest {
  private FakeGateway gateway;
  private ManagedChannel channel;
  private ApiKeysGrpc.ApiKeysBlockingStub keys;

  @BeforeEach
  void connect() throws IOException {
    gateway = new FakeGateway();
    channel = GatewayChannel.builder(gateway.target(), InsecureChannelCredentials.create()).build();
    keys = ApiKeysGrpc.newBlockingStub(channel).withCallCredentials(Credential.apiKey("sk-0"));
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
    gateway.close();
  }

  @Test
  void sendsTheCredentialToThisMachineInPlaintext() {
    keys.getApiKeys(GetApiKeysRequest.getDefaultInstance());
    var name = Metadata.Key.of("apikeybearer", Metadata.ASCII_STRING_MARSHALLER);
    assertEquals("sk-0", gateway.calls.get(0).get(name));
  }

  @Test
  void setsADeadlineOnlyWhereTheCallerSetsNone() {
    keys.getApiKeys(GetApiKeysRequest.getDefaultInstance());
    keys.withDeadlineAfter(2, HOURS).getApiKeys(GetApiKeysRequest.getDefaultInstance());
    assertTrue(gateway.deadlines.get(0).timeRemaining(SECONDS) <= 30);
    assertTrue(gateway.deadlines.get(1).timeRemaining(SECONDS) > 3600);
  }

  @Test
  void triesAReadAgainAndAWriteOnce() {
    gateway.failures.add(unavailable());
    gateway.failures.add(unavailable());
    keys.getApiKeys(GetApiKeysRequest.getDefaultInstance());
    assertEquals(3, gateway.calls.size());
    gateway.failures.add(unavailable());
    assertThrows(
        StatusRuntimeException.class, () -> keys.createApiKey(CreateApiKeyRequest.getDefaultInstance()));
    assertEquals(4, gateway.calls.size());
  }

  @Test
  void spreadsCallsOverAllAddresses() throws IOException {
    try (var other = new FakeGateway()) {
      NameResolverRegistry.getDefaultRegistry().register(new Addresses(List.of(gateway, other)));
      ManagedChannel both =
          GatewayChannel.builder("addresses:///", InsecureChannelCredentials.create()).build();
      try {
        // The pace at which they are connected is gRPC's.
        for (int calls = 0; gateway.calls.isEmpty() || other.calls.isEmpty(); calls++) {
          ApiKeysGrpc.newBlockingStub(both).getApiKeys(GetApiKeysRequest.getDefaultInstance());
          assertTrue(calls < 10_000);
        }
      } finally {
        both.shutdownNow();
      }
    }
  }

  @Test
  void triesNothingElseAgain() {
    for (Status.Code code : Status.Code.values()) {
      if (code == Status.Code.OK || code == Status.Code.UNAVAILABLE) continue;
      gateway.failures.add(code.toStatus().asRuntimeException());
      gateway.calls.clear();
      assertThrows(StatusRuntimeException.class, () -> keys.getApiKeys(GetApiKeysRequest.getDefaultInstance()));
      assertEquals(1, gateway.calls.size(), code.toString());
    }
  }

  private static StatusRuntimeException unavailable() {
    return Status.UNAVAILABLE.asRuntimeException();
  }

  /** Resolves {@code addresses:///} to those of all its gateways. */
  private static final class Addresses extends NameResolverProvider {
    private final List<EquivalentAddressGroup> groups;

    Addresses(List<FakeGateway> gateways) {
      groups =
          gateways.stream()
              .map(gateway -> new EquivalentAddressGroup(new InetSocketAddress("127.0.0.1", gateway.port())))
              .toList();
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args arguments) {
      return new NameResolver() {
        @Override
        public String getServiceAuthority() {
          return "localhost";
        }

        @Override
        public void start(Listener2 listener) {
          listener.onResult(
              ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(groups)).build());
        }

        @Override
        public void shutdown() {}
      };
    }

    @Override
    public String getDefaultScheme() {
      return "addresses";
    }

    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 0;
    }
  }
}
