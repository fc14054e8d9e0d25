package dev.docspace.apikeys.contract;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.docspace.apikeys.ErrorDetails;
import dev.docspace.apikeys.Credential;
import dev.docspace.apikeys.GatewayChannel;
import dev.docspace.apikeys.v1.ApiKeysGrpc;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;

/** The contract suite's runner for a language of the JVM; tests/contract/README.md has the protocol. */
public final class Runner {
  /** Makes calls with the stubs of a language. */
  public interface Style<S extends AbstractStub<S>> {
    S stub(Channel channel);

    Message call(S stub, Message request) throws Exception;
  }

  private static final Gson GSON = new GsonBuilder().serializeNulls().create();

  /** Makes the calls that standard input describes. */
  public static <S extends AbstractStub<S>> void run(Style<S> style) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line; (line = in.readLine()) != null; ) {
      out.println(GSON.toJson(outcome(style, JsonParser.parseString(line).getAsJsonObject())));
    }
  }

  private static <S extends AbstractStub<S>> JsonObject outcome(Style<S> style, JsonObject call) throws Exception {
    var outcome = new JsonObject();
    Credential credential;
    ManagedChannel channel;
    try {
      credential = credential(call);
      channel = GatewayChannel.builder(call.get("target").getAsString(), transport(call), options(call)).build();
    } catch (IllegalArgumentException refusal) {
      outcome.addProperty("refused", refusal.getMessage());
      return outcome;
    }
    try {
      S stub = style.stub(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata(call)));
      if (credential != null) stub = stub.withCallCredentials(credential);
      Message response = style.call(stub, request(call));
      outcome.add("response", JsonParser.parseString(JsonFormat.printer().print(response)));
    } catch (StatusRuntimeException | StatusException | ExecutionException failure) {
      outcome.add("error", error(ErrorDetails.of(failure)));
    } finally {
      channel.shutdownNow();
    }
    return outcome;
  }

  private static GatewayChannel.Options options(JsonObject call) {
    var options =
        GatewayChannel.Options.DEFAULT.withTimeout(Duration.ofMillis(call.get("timeout_ms").getAsLong()));
    return call.get("allow_remote_plaintext").getAsBoolean() ? options.allowRemotePlaintext() : options;
  }

  private static Message request(JsonObject call) throws InvalidProtocolBufferException {
    MethodDescriptor<?, ?> method =
        ApiKeysGrpc.getServiceDescriptor().getMethods().stream()
            .filter(each -> each.getBareMethodName().equals(call.get("rpc").getAsString()))
            .findFirst()
            .orElseThrow();
    var marshaller = (MethodDescriptor.PrototypeMarshaller<?>) method.getRequestMarshaller();
    Message.Builder request = ((Message) marshaller.getMessagePrototype()).newBuilderForType();
    JsonFormat.parser().merge(GSON.toJson(call.get("request")), request);
    return request.build();
  }

  private static ChannelCredentials transport(JsonObject call) throws Exception {
    if (call.get("tls").isJsonNull()) return InsecureChannelCredentials.create();
    JsonObject tls = call.getAsJsonObject("tls");
    var transport = TlsChannelCredentials.newBuilder().trustManager(new File(tls.get("ca_file").getAsString()));
    if (tls.has("certificate_file")) {
      transport.keyManager(
          new File(tls.get("certificate_file").getAsString()), new File(tls.get("private_key_file").getAsString()));
    }
    return transport.build();
  }

  /** Returns the call's credential, or null. */
  private static Credential credential(JsonObject call) {
    if (call.get("credential").isJsonNull()) return null;
    var credential = call.getAsJsonObject("credential").entrySet().iterator().next();
    JsonElement value = credential.getValue();
    return switch (credential.getKey()) {
      case "api_key" -> Credential.apiKey(value.getAsString());
      case "bearer" -> Credential.bearer(value.getAsString());
      case "session_cookie" -> Credential.sessionCookie(value.getAsString());
      case "basic" ->
          Credential.basic(value.getAsJsonArray().get(0).getAsString(), value.getAsJsonArray().get(1).getAsString());
      default -> throw new IllegalStateException(credential.getKey());
    };
  }

  private static Metadata metadata(JsonObject call) {
    var metadata = new Metadata();
    for (var entry : call.getAsJsonObject("metadata").entrySet()) {
      metadata.put(
          Metadata.Key.of(entry.getKey(), Metadata.ASCII_STRING_MARSHALLER), entry.getValue().getAsString());
    }
    return metadata;
  }

  private static JsonObject error(ErrorDetails error) {
    var json = new JsonObject();
    json.addProperty("code", error.code().name());
    json.addProperty("message", error.message());
    json.addProperty("reason", error.reason());
    json.addProperty("domain", error.domain());
    json.add("metadata", GSON.toJsonTree(error.metadata()));
    json.add("field_violations", GSON.toJsonTree(error.fieldViolations()));
    json.addProperty("retry_delay", error.retryDelay().map(delay -> delay.toMillis() / 1000.0).orElse(null));
    json.addProperty("request_id", error.requestId());
    json.add("quota_violations", GSON.toJsonTree(error.quotaViolations()));
    json.addProperty("http_status", error.httpStatus());
    json.addProperty("from_gateway", error.isFromGateway());
    json.addProperty("known_not_applied", error.isKnownNotApplied());
    json.addProperty("safe_to_retry", error.isSafeToRetry());
    json.addProperty("backoff", String.valueOf(error.backoff(1).toMillis() / 1000.0));
    return json;
  }
}
