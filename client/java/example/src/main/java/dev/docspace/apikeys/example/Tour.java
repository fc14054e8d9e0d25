package dev.docspace.apikeys.example;

import dev.docspace.apikeys.ApiKeysError;
import dev.docspace.apikeys.Credential;
import dev.docspace.apikeys.GatewayChannel;
import dev.docspace.apikeys.v1.ApiKey;
import dev.docspace.apikeys.v1.ApiKeysGrpc;
import dev.docspace.apikeys.v1.CreateApiKeyRequest;
import dev.docspace.apikeys.v1.DeleteApiKeyRequest;
import dev.docspace.apikeys.v1.GetApiKeysRequest;
import dev.docspace.apikeys.v1.UpdateApiKeyRequest;
import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Lists, creates, updates and deletes a key: {@code DOCSPACE_API_KEY=sk-… java Tour HOST:PORT [NAME]}
 *
 * <p>{@code DOCSPACE_CA_FILE}: the authorities to trust, instead of the system's.
 */
public final class Tour {
  private final ApiKeysGrpc.ApiKeysBlockingStub keys;
  private final String name;

  private Tour(ApiKeysGrpc.ApiKeysBlockingStub keys, String name) {
    this.keys = keys;
    this.name = name;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    String name = arguments.length > 1 ? arguments[1] : "Example";
    Credential credential = Credential.apiKey(System.getenv("DOCSPACE_API_KEY"));
    ManagedChannel channel = GatewayChannel.builder(arguments[0], transport()).build();
    try {
      new Tour(ApiKeysGrpc.newBlockingStub(channel).withCallCredentials(credential), name).run();
    } catch (StatusRuntimeException failure) {
      explain(ApiKeysError.of(failure));
      System.exit(1);
    } finally {
      channel.shutdownNow();
    }
  }

  private static ChannelCredentials transport() throws IOException {
    String caFile = System.getenv("DOCSPACE_CA_FILE");
    return caFile == null
        ? TlsChannelCredentials.create()
        : TlsChannelCredentials.newBuilder().trustManager(new File(caFile)).build();
  }

  private void run() throws InterruptedException {
    System.out.println(list().size() + " keys");
    String id = create();
    var update = UpdateApiKeyRequest.newBuilder().setKeyId(id).setIsActive(false).build();
    if (keys.updateApiKey(update).getUpdated()) System.out.println("updated " + name);
    var delete = DeleteApiKeyRequest.newBuilder().setKeyId(id).build();
    if (keys.withDeadlineAfter(5, TimeUnit.SECONDS).deleteApiKey(delete).getDeleted()) {
      System.out.println("deleted " + name);
    }
  }

  private List<ApiKey> list() {
    return keys.getApiKeys(GetApiKeysRequest.getDefaultInstance()).getApiKeysList();
  }

  /** Creates a key and returns its id, whatever befalls. */
  private String create() throws InterruptedException {
    var request =
        CreateApiKeyRequest.newBuilder().setName(name).addPermissions("files:read").setExpiresInDays(30).build();
    for (int tries = 1; ; tries++) {
      try {
        // The secret, getKey(), is never to be printed; nor is the message, whose toString() shows it.
        String id = keys.createApiKey(request).getApiKey().getId();
        System.out.println("created " + name);
        return id;
      } catch (StatusRuntimeException failure) {
        ApiKeysError error = ApiKeysError.of(failure);
        if (error.reason().equals("WRITE_OUTCOME_UNKNOWN")) {
          // Perhaps the key is there, but nobody will ever learn its secret.
          for (ApiKey key : list()) {
            if (!key.getName().equals(name)) continue;
            System.out.println("found " + name);
            return key.getId();
          }
        } else if (!error.isSafeToRetry()) {
          throw failure;
        }
        if (tries == 3) throw failure;
        Thread.sleep(error.retryDelay().orElse(Duration.ZERO).toMillis());
      }
    }
  }

  private static void explain(ApiKeysError error) {
    for (var violation : error.fieldViolations()) {
      System.err.println(violation.field() + ": " + violation.description());
    }
    if (error.code() == Status.Code.UNAUTHENTICATED) {
      System.err.println("DOCSPACE_API_KEY is not accepted: renew it");
    }
    System.err.printf(
        "%s %s: %s (request %s)%n", error.code(), error.reason(), error.message(), error.requestId());
  }
}
