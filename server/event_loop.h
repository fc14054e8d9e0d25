// A thread that runs coroutines.
#ifndef SERVER_EVENT_LOOP_H_
#define SERVER_EVENT_LOOP_H_

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <string_view>
#include <thread>

namespace docspace::gateway {

class EventLoop {
 public:
  // `on_exception` is told, on the loop's thread, of what a handler threw; the loop goes on.
  explicit EventLoop(std::function<void(std::string_view what)> on_exception);
  // Ends the thread; coroutines that have not ended are destroyed with the context.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Ends the thread once what is queued already has run. Idempotent.
  void Stop();

  boost::asio::io_context& context() { return context_; }

 private:
  void Run();
  void Tell(const std::exception& error) const;

  const std::function<void(std::string_view what)> on_exception_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_EVENT_LOOP_H_
