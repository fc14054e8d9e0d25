// Makes one call with an API key.
#ifndef TESTS_TESTKIT_CALL_H_
#define TESTS_TESTKIT_CALL_H_

#include <grpcpp/client_context.h>

#include <chrono>
#include <string>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/testkit/call_result.h"

namespace docspace::gateway::testkit {

// Calls `method` with `api_key` and returns the result. The deadline is longer than any call takes,
// even under a sanitizer on a busy machine. Thread-safe.
template <class Request, class Response>
CallResponse<Response> Call(apikeys::v1::ApiKeys::Stub& stub,
                            grpc::Status (apikeys::v1::ApiKeys::Stub::*method)(grpc::ClientContext*,
                                                                               const Request&,
                                                                               Response*),
                            const Request& request, const std::string& api_key) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
  context.AddMetadata("apikeybearer", api_key);
  CallResponse<Response> answer;
  const grpc::Status status = (stub.*method)(&context, request, &answer.response);
  static_cast<CallResult&>(answer) = CallResultOf(status, context);
  return answer;
}

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_CALL_H_
