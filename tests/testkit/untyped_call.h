// RPCs without generated code: messages are serialised bytes, and methods are paths.
#ifndef TESTS_TESTKIT_UNTYPED_CALL_H_
#define TESTS_TESTKIT_UNTYPED_CALL_H_

#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/testkit/call_result.h"

namespace docspace::gateway::testkit {

// Makes one call. `method` has the form `/grpc.health.v1.Health/Check`. The response is the
// serialised message.
CallResponse<std::string> CallUntyped(const std::shared_ptr<grpc::Channel>& channel,
                                      const std::string& method, const std::string& request,
                                      const std::multimap<std::string, std::string>& metadata = {});

// `UntypedStream` is a call with any number of messages in each direction. The destructor cancels
// it.
class UntypedStream {
 public:
  UntypedStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                const std::multimap<std::string, std::string>& metadata = {});
  ~UntypedStream();
  UntypedStream(const UntypedStream&) = delete;
  UntypedStream& operator=(const UntypedStream&) = delete;

  // Sends a message. Returns false if the call has ended.
  bool Write(const std::string& request);
  // Returns the next message, or nothing if the call has ended.
  std::optional<std::string> Read();

 private:
  bool Await();

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_UNTYPED_CALL_H_
