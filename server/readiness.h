// Tells of an io_context that has something to do, without running it.
#ifndef SERVER_READINESS_H_
#define SERVER_READINESS_H_

#include <boost/asio/io_context.hpp>
#include <functional>
#include <thread>

#include "server/file_descriptor.h"

namespace docspace::gateway {

// A thread that waits for what the io_context's sockets and timers wait for, so that another thread
// may wait for something else: Asio itself only tells by running.
class Readiness {
 public:
  // `on_ready` is called on the thread here, at most once for each Expect. Throws
  // std::system_error.
  Readiness(boost::asio::io_context& context, std::function<void()> on_ready);
  ~Readiness();
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;

  // Tells, once, when the context has something to do that came from outside: of a socket, or a
  // timer. To be called when the context has nothing left to do. From one thread.
  void Expect();

 private:
  void Run();

  const std::function<void()> on_ready_;
  // The one that Asio waits with.
  const int asio_;
  const FileDescriptor stop_;
  const FileDescriptor epoll_;
  std::thread thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_READINESS_H_
