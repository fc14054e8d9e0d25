package dev.docspace.apikeys.contract;

import com.google.protobuf.Message;
import dev.docspace.apikeys.v1.ApiKeysGrpc;
import dev.docspace.apikeys.v1.ApiKeysGrpc.ApiKeysBlockingStub;
import dev.docspace.apikeys.v1.ApiKeysGrpc.ApiKeysFutureStub;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.concurrent.Future;

/** Makes calls with the Java stubs: {@code blocking} or {@code future}. */
final class Java {
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("future")) {
      Runner.run(new Futures());
    } else {
      Runner.run(new Blocking());
    }
  }

  private static final class Blocking implements Runner.Style<ApiKeysBlockingStub> {
    @Override
    public ApiKeysBlockingStub stub(Channel channel) {
      return ApiKeysGrpc.newBlockingStub(channel);
    }

    @Override
    public Message call(ApiKeysBlockingStub stub, Message request) throws Exception {
      return (Message) invoke(stub, request);
    }
  }

  private static final class Futures implements Runner.Style<ApiKeysFutureStub> {
    @Override
    public ApiKeysFutureStub stub(Channel channel) {
      return ApiKeysGrpc.newFutureStub(channel);
    }

    @Override
    public Message call(ApiKeysFutureStub stub, Message request) throws Exception {
      return (Message) ((Future<?>) invoke(stub, request)).get();
    }
  }

  /** Calls the stub's only method that takes this request. */
  private static Object invoke(AbstractStub<?> stub, Message request) throws Exception {
    var method =
        Arrays.stream(stub.getClass().getMethods())
            .filter(each -> Arrays.equals(each.getParameterTypes(), new Class<?>[] {request.getClass()}))
            .findFirst()
            .orElseThrow();
    try {
      return method.invoke(stub, request);
    } catch (InvocationTargetException thrown) {
      if (thrown.getCause() instanceof StatusRuntimeException failure) throw failure;
      throw thrown;
    }
  }
}
