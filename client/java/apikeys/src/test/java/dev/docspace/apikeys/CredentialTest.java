package dev.docspace.apikeys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.docspace.apikeys.v1.ApiKeysGrpc;
import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialTest {
  private static final String ELSEWHERE = "192.0.2.1";

  @Test
  void becomesTheMetadataThatTheGatewayTakes() throws Exception {
    assertEquals("apikeybearer=sk-0", sent(Credential.apiKey("sk-0")));
    assertEquals("authorization=Bearer e30.e30.", sent(Credential.bearer("e30.e30.")));
    assertEquals("authorization=Basic w6k6cMOkOnNz", sent(Credential.basic("é", "pä:ss")));
    assertEquals("asc_auth_key=0123", sent(Credential.sessionCookie("0123")));
  }

  @Test
  void goesToAnotherMachineOnlyEncryptedUnlessItIsToldOtherwise() throws Exception {
    Credential credential = Credential.apiKey("sk-0");
    assertEquals("UNAUTHENTICATED", applied(credential, ELSEWHERE, SecurityLevel.NONE));
    assertEquals("UNAUTHENTICATED", applied(credential, ELSEWHERE, SecurityLevel.INTEGRITY));
    assertEquals(
        "apikeybearer=sk-0", applied(credential, ELSEWHERE, SecurityLevel.PRIVACY_AND_INTEGRITY));
    assertEquals("apikeybearer=sk-0", applied(credential, "127.0.0.1", SecurityLevel.NONE));
    assertEquals("apikeybearer=sk-0", applied(credential, "::1", SecurityLevel.NONE));
    assertEquals(
        "apikeybearer=sk-0", applied(credential.alsoOverPlaintext(), ELSEWHERE, SecurityLevel.NONE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer sk-0", "sk-0\r\nx: y", "sk-\u0000", "клюЧ"})
  void refusesWhatIsNoToken(String token) {
    for (var make : List.of(() -> Credential.apiKey(token), (Maker) () -> Credential.sessionCookie(token))) {
      var refusal = assertThrows(IllegalArgumentException.class, make::make);
      assertFalse(!token.isEmpty() && refusal.getMessage().contains(token));
    }
  }

  @Test
  void refusesWhatCannotTravel() {
    assertThrows(IllegalArgumentException.class, () -> Credential.apiKey("e30.e30."));
    assertThrows(IllegalArgumentException.class, () -> Credential.sessionCookie("a;b"));
    assertThrows(IllegalArgumentException.class, () -> Credential.basic("a:b", "c"));
    assertThrows(IllegalArgumentException.class, () -> Credential.basic("", "c"));
    assertThrows(IllegalArgumentException.class, () -> Credential.basic("a", "b\n"));
    assertThrows(IllegalArgumentException.class, () -> Credential.bearer("a".repeat(20_000)));
  }

  @Test
  void isNotShown() {
    assertEquals("Credential[apikeybearer]", Credential.apiKey("sk-0").toString());
    assertEquals("Credential[authorization]", Credential.basic("a", "b").toString());
    assertEquals("Credential[asc_auth_key]", Credential.sessionCookie("0").toString());
  }

  private interface Maker {
    Credential make();
  }

  private static String sent(Credential credential) throws Exception {
    return applied(credential, ELSEWHERE, SecurityLevel.PRIVACY_AND_INTEGRITY);
  }

  /** The metadata that a call to a peer carries, or the code with which it fails. */
  private static String applied(Credential credential, String peer, SecurityLevel level) throws Exception {
    var attributes =
        Attributes.newBuilder()
            .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, new InetSocketAddress(InetAddress.getByName(peer), 50051))
            .build();
    var call =
        new CallCredentials.RequestInfo() {
          @Override
          public MethodDescriptor<?, ?> getMethodDescriptor() {
            return ApiKeysGrpc.getGetApiKeysMethod();
          }

          @Override
          public SecurityLevel getSecurityLevel() {
            return level;
          }

          @Override
          public String getAuthority() {
            return "localhost";
          }

          @Override
          public Attributes getTransportAttrs() {
            return attributes;
          }
        };
    var result = new StringBuilder();
    credential.applyRequestMetadata(
        call,
        Runnable::run,
        new CallCredentials.MetadataApplier() {
          @Override
          public void apply(Metadata metadata) {
            for (String name : metadata.keys()) {
              var key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
              result.append(name).append('=').append(metadata.get(key));
            }
          }

          @Override
          public void fail(Status status) {
            result.append(status.getCode());
          }
        });
    return result.toString();
  }
}
