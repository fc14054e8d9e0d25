// gRPC's asynchronous operations, awaited by coroutines.
#ifndef SERVER_RPC_AWAITED_OPERATION_H_
#define SERVER_RPC_AWAITED_OPERATION_H_

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "server/base/task.h"
#include "server/rpc/completion.h"

namespace docspace::gateway {

// AwaitedOperation resumes the waiting coroutine and deletes itself.
template <class Handler>
class AwaitedOperation final : public Completion {
 public:
  explicit AwaitedOperation(Handler handler) : handler_(std::move(handler)) {}

  void Complete(bool ok) override {
    const std::unique_ptr<AwaitedOperation> self(this);
    const auto executor = boost::asio::get_associated_executor(handler_);
    boost::asio::dispatch(
        executor, [handler = std::move(handler_), ok]() mutable { std::move(handler)(ok); });
  }

 private:
  Handler handler_;
};

// AwaitTag starts an operation by calling `start` with its tag, and returns the result that gRPC
// gives for it. Cancelling the coroutine does not end the operation; the end of its call does.
template <class Start>
auto AwaitTag(Start start) {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<http::Executor>,
                                     void(bool)>(
      [start = std::move(start)](auto handler) {
        auto operation = std::make_unique<AwaitedOperation<decltype(handler)>>(std::move(handler));
        start(operation->tag());
        // The operation owns itself until it is complete.
        static_cast<void>(operation.release());
      },
      boost::asio::use_awaitable_t<http::Executor>());
}

}  // namespace docspace::gateway

#endif  // SERVER_RPC_AWAITED_OPERATION_H_
