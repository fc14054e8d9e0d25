// A call with one request and one answer.
#ifndef SERVER_UNARY_SERVER_CALL_H_
#define SERVER_UNARY_SERVER_CALL_H_

#include <grpcpp/support/async_unary_call.h>

#include "server/server_call.h"

namespace docspace::gateway {

template <class Request, class Response>
class UnaryServerCall : public ServerCall {
 protected:
  using ServerCall::ServerCall;

  // Of a call that has arrived.
  const Request& request() const { return request_; }
  // Sent with a status that is OK; dropped otherwise.
  Response& response() { return response_; }

  // Asks for a call by what is generated for an RPC of `service`: its class has a base for each.
  template <class Service, class Base>
  void AskOf(Service& service,
             void (Base::*ask)(grpc::ServerContext*, Request*,
                               grpc::ServerAsyncResponseWriter<Response>*, grpc::CompletionQueue*,
                               grpc::ServerCompletionQueue*, void*),
             void* tag) {
    (service.*ask)(&context(), &request_, &responder_, &group().queue(), &group().queue(), tag);
  }

 private:
  void Finish(const grpc::Status& status, void* tag) final {
    responder_.Finish(response_, status, tag);
  }

  Request request_;
  Response response_;
  grpc::ServerAsyncResponseWriter<Response> responder_{&context()};
};

}  // namespace docspace::gateway

#endif  // SERVER_UNARY_SERVER_CALL_H_
