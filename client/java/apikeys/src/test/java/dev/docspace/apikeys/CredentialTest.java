package dev.docspace.apikeys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.docspace.apikeys.v1.ApiKeysGrpc;
import dev.docspace.apikeys.v1.CreateApiKeyResponse;
import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
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
    var allowed = CallOptions.DEFAULT.withOption(GatewayChannel.REMOTE_PLAINTEXT, true);
    assertEquals("apikeybearer=sk-0", applied(credential, ELSEWHERE, SecurityLevel.NONE, allowed));
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
    assertThrows(IllegalArgumentException.class, () -> Credential.basic("a", ""));
    assertThrows(IllegalArgumentException.class, () -> Credential.basic("a", "b\n"));
    assertThrows(IllegalArgumentException.class, () -> Credential.basic("a\u007f", "b"));
    assertThrows(IllegalArgumentException.class, () -> Credential.basic("a", "b".repeat(12 * 1024)));
    assertThrows(IllegalArgumentException.class, () -> Credential.bearer("a".repeat(16 * 1024 - 6)));
    Credential.bearer("a".repeat(16 * 1024 - 7));
  }

  @Test
  void isNotShown() {
    assertEquals("Credential[apikeybearer]", Credential.apiKey("sk-0").toString());
    assertEquals("Credential[authorization]", Credential.basic("a", "b").toString());
    assertEquals("Credential[asc_auth_key]", Credential.sessionCookie("0").toString());
  }

  @Test
  void isNotStored() throws Exception {
    for (Object hidden : List.of(Credential.apiKey("sk-planted"), new Secret("sk-planted"))) {
      assertThrows(
          NotSerializableException.class,
          () -> new ObjectOutputStream(OutputStream.nullOutputStream()).writeObject(hidden));
      for (Field field : hidden.getClass().getDeclaredFields()) {
        if (field.getName().equals("value")) assertTrue(Modifier.isTransient(field.getModifiers()));
      }
    }
  }

  @Test
  void theSecretOfANewKeyIsApartFromIt() {
    var answer = CreateApiKeyResponse.newBuilder();
    answer.getApiKeyBuilder().setId("7").setKey("sk-planted0123456789abcd");
    CreatedKey created = CreatedKey.takeSecret(answer.build());
    assertEquals("sk-planted0123456789abcd", created.secret().reveal());
    assertEquals("sk-***abcd", created.apiKey().getKey());
    assertEquals("7", created.apiKey().getId());
    assertFalse(created.toString().contains("planted"), created.toString());
    assertEquals("", CreatedKey.takeSecret(CreateApiKeyResponse.getDefaultInstance()).secret().reveal());
  }

  private interface Maker {
    Credential make();
  }

  private static String sent(Credential credential) throws Exception {
    return applied(credential, ELSEWHERE, SecurityLevel.PRIVACY_AND_INTEGRITY);
  }

  /** The metadata that a call to a peer carries, or the code with which it fails. */
  private static String applied(Credential credential, String peer, SecurityLevel level) throws Exception {
    return applied(credential, peer, level, CallOptions.DEFAULT);
  }

  private static String applied(Credential credential, String peer, SecurityLevel level, CallOptions options)
      throws Exception {
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
          public CallOptions getCallOptions() {
            return options;
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
