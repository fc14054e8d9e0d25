// Tells of an io_context that has something to do, without running it.
#ifndef SERVER_RPC_READINESS_H_
#define SERVER_RPC_READINESS_H_

#include <boost/asio/io_context.hpp>
#include <functional>
#include <thread>

#include "server/base/file_descriptor.h"

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

  // Tells, once, when a socket or a timer may have given the context something to do. To be called
  // when a poll of the context, which must have work, has found nothing left. From one thread.
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

#endif  // SERVER_RPC_READINESS_H_
