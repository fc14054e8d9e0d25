package dev.docspace.apikeys;

import dev.docspace.apikeys.v1.ApiKeysGrpc;
import dev.docspace.apikeys.v1.CreateApiKeyRequest;
import dev.docspace.apikeys.v1.CreateApiKeyResponse;
import dev.docspace.apikeys.v1.GetApiKeysRequest;
import dev.docspace.apikeys.v1.GetApiKeysResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers with nothing, or fails as it is told, on a port of loopback; remembers what it was asked. */
final class FakeGateway extends ApiKeysGrpc.ApiKeysImplBase implements ServerInterceptor, AutoCloseable {
  final Queue<StatusRuntimeException> failures = new ConcurrentLinkedQueue<>();
  final List<Metadata> calls = new CopyOnWriteArrayList<>();
  final List<Deadline> deadlines = new CopyOnWriteArrayList<>();
  private final Server server;

  FakeGateway() throws IOException {
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(this)
            .intercept(this)
            .directExecutor()
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  String target() {
    return "127.0.0.1:" + port();
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata metadata, ServerCallHandler<Q, R> next) {
    calls.add(metadata);
    return next.startCall(call, metadata);
  }

  @Override
  public void getApiKeys(GetApiKeysRequest request, StreamObserver<GetApiKeysResponse> observer) {
    answer(observer, GetApiKeysResponse.getDefaultInstance());
  }

  @Override
  public void createApiKey(CreateApiKeyRequest request, StreamObserver<CreateApiKeyResponse> observer) {
    answer(observer, CreateApiKeyResponse.getDefaultInstance());
  }

  private <R> void answer(StreamObserver<R> observer, R response) {
    deadlines.add(Context.current().getDeadline());
    StatusRuntimeException failure = failures.poll();
    if (failure != null) {
      observer.onError(failure);
    } else {
      observer.onNext(response);
      observer.onCompleted();
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
