// An event loop on its own thread, for tests of code that runs on one.
#ifndef TESTS_TESTKIT_LOOP_H_
#define TESTS_TESTKIT_LOOP_H_

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "server/base/task.h"
#include "tests/testkit/wait_until.h"

namespace docspace::gateway::testkit {

template <class T>
T WaitFor(std::future<T> result) {
  if (result.wait_for(kPatience) != std::future_status::ready) {
    throw std::runtime_error("it hangs");
  }
  return result.get();
}

// `Running` is a coroutine in progress on the loop's thread.
template <class T>
class Running {
 public:
  Running(boost::asio::io_context& loop, std::function<http::Task<T>()> start)
      : loop_(loop), state_(std::make_shared<State>()) {
    state_->start = std::move(start);
    boost::asio::post(loop_, [state = state_, &loop] {
      boost::asio::co_spawn(loop, state->start(),
                            boost::asio::bind_cancellation_slot(
                                state->cancel.slot(), [state](std::exception_ptr error, T result) {
                                  if (error) {
                                    state->result.set_exception(error);
                                  } else {
                                    state->result.set_value(std::move(result));
                                  }
                                }));
    });
  }

  // Cancels the coroutine on the loop's thread, as the deadline of a call does.
  void Cancel() {
    boost::asio::dispatch(
        loop_, [state = state_] { state->cancel.emit(boost::asio::cancellation_type::terminal); });
  }

  // Returns the coroutine's result or throws its exception. May be called once; throws if the
  // coroutine hangs.
  T Get() { return WaitFor(state_->result.get_future()); }

 private:
  struct State {
    // Kept because the coroutine uses what the lambda captured as long as it runs.
    std::function<http::Task<T>()> start;
    boost::asio::cancellation_signal cancel;
    std::promise<T> result;
  };

  boost::asio::io_context& loop_;
  std::shared_ptr<State> state_;
};

// `Loop` runs an `io_context` on a thread. Declare it before the objects that use its context, and
// call `Stop` before those are destroyed.
class Loop {
 public:
  Loop() : work_(context_.get_executor()), thread_([this] { context_.run(); }) {}
  ~Loop() { Stop(); }

  void Stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  boost::asio::io_context& context() { return context_; }

  template <class T>
  Running<T> Start(std::function<http::Task<T>()> start) {
    return Running<T>(context_, std::move(start));
  }

  // Runs a coroutine and returns its result.
  template <class T>
  T Run(std::function<http::Task<T>()> start) {
    return Start<T>(std::move(start)).Get();
  }

  // Calls `function` on the loop's thread.
  template <class Function>
  auto Call(Function function) {
    std::packaged_task<decltype(function())()> task(std::move(function));
    auto result = task.get_future();
    boost::asio::post(context_, std::move(task));
    return WaitFor(std::move(result));
  }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_LOOP_H_
