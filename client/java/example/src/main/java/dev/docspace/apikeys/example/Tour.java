package dev.docspace.apikeys.example;

import dev.docspace.apikeys.ErrorDetails;
import dev.docspace.apikeys.CreatedKey;
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
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Lists, creates, updates and deletes a key: {@code DOCSPACE_API_KEY=sk-… java Tour HOST:PORT [NAME]}
 *
 * <p>{@code DOCSPACE_CA_FILE} names a file of authorities to trust instead of those of the system.
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
      explain(ErrorDetails.of(failure));
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
    System.out.println(delete(delete) ? "deleted " + name : "not deleted: another user's key");
  }

  private List<ApiKey> list() {
    return keys.getApiKeys(GetApiKeysRequest.getDefaultInstance()).getApiKeysList();
  }

  /** Creates a key and returns its id, even if a response is lost. */
  private String create() throws InterruptedException {
    var request =
        CreateApiKeyRequest.newBuilder().setName(name).addPermissions("files:read").setExpiresInDays(30).build();
    for (int attempts = 1; ; attempts++) {
      try {
        // secret().reveal() is the only way to read the secret: pass it to the program that stores it.
        CreatedKey created = CreatedKey.takeSecret(keys.createApiKey(request));
        System.out.println("created " + name);
        return created.apiKey().getId();
      } catch (StatusRuntimeException failure) {
        ErrorDetails error = ErrorDetails.of(failure);
        if (error.reason().equals("WRITE_OUTCOME_UNKNOWN")) {
          // The key may exist, but its secret is lost.
          for (ApiKey key : list()) {
            if (!key.getName().equals(name)) continue;
            System.out.println("found " + name);
            return key.getId();
          }
        } else if (!error.isSafeToRetry()) {
          throw failure;
        }
        if (attempts == 3) throw failure;
        Thread.sleep(error.backoff(attempts).toMillis());
      }
    }
  }

  /** Deletes a key. For a key of another user, older portals return false and newer ones deny access. */
  private boolean delete(DeleteApiKeyRequest request) {
    try {
      return keys.withDeadlineAfter(5, TimeUnit.SECONDS).deleteApiKey(request).getDeleted();
    } catch (StatusRuntimeException failure) {
      if (ErrorDetails.of(failure).reason().equals("ACCESS_DENIED")) return false;
      throw failure;
    }
  }

  private static void explain(ErrorDetails error) {
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
