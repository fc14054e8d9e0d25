package dev.docspace.apikeys;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.docspace.apikeys.v1.ApiKeysGrpc;
import dev.docspace.apikeys.v1.CreateApiKeyRequest;
import dev.docspace.apikeys.v1.GetApiKeysRequest;
import io.grpc.ChannelCredentials;
import io.grpc.ChoiceChannelCredentials;
import io.grpc.CompositeChannelCredentials;
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
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayChannelTest {
  private static final GatewayChannel.Options ANYWHERE = GatewayChannel.Options.DEFAULT.allowRemotePlaintext();

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
          GatewayChannel.builder("addresses:///", InsecureChannelCredentials.create(), ANYWHERE).build();
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:50051", "LOCALHOST", "127.0.0.1:50051", "127.8.9.10", "[::1]:50051", "[0:0:0:0:0:0:0:1]:1",
        "dns:localhost:50051", "dns:///localhost:50051", "dns://192.0.2.53/localhost:1", "unix:/run/gateway.socket"
      })
  void takesPlaintextToThisMachine(String target) {
    assertTrue(Target.isLoopback(target));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gateway.example:50051", "192.0.2.1:50051", "[2001:db8::1]:50051", "0.0.0.0:50051", "127.1:1",
        "localhost.example:50051", "127.0.0.1.example:50051", "127.0.0.256:1", "[localhost]:1", "[127.0.0.1]x:1",
        "dns:///gateway.example:50051", "dns://localhost/gateway.example", "dns:////localhost:1", "xds:///localhost", ""
      })
  void refusesPlaintextToAnotherMachineUnlessItIsAllowed(String target) {
    var insecure = InsecureChannelCredentials.create();
    for (ChannelCredentials plaintext :
        List.of(
            insecure,
            ChoiceChannelCredentials.create(TlsChannelCredentials.create(), insecure),
            CompositeChannelCredentials.create(insecure, Credential.apiKey("sk-0")))) {
      assertThrows(IllegalArgumentException.class, () -> GatewayChannel.builder(target, plaintext));
    }
  }

  @Test
  void reachesOtherMachinesInPlaintextIfThatIsAllowed() {
    GatewayChannel.builder("192.0.2.1:50051", InsecureChannelCredentials.create(), ANYWHERE).build().shutdownNow();
    GatewayChannel.builder("192.0.2.1:50051", TlsChannelCredentials.create()).build().shutdownNow();
  }

  @Test
  void sendsPlaintextForThisMachineThroughNoProxy() {
    var before = ProxySelector.getDefault();
    ProxySelector.setDefault(ProxySelector.of(new InetSocketAddress("127.0.0.1", 1)));
    try {
      ManagedChannel direct = GatewayChannel.builder(gateway.target(), InsecureChannelCredentials.create()).build();
      ApiKeysGrpc.newBlockingStub(direct).getApiKeys(GetApiKeysRequest.getDefaultInstance());
      direct.shutdownNow();
    } finally {
      ProxySelector.setDefault(before);
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
