// Reports that an io_context has something to do, without running it.
#ifndef SERVER_RPC_IO_CONTEXT_WATCHER_H_
#define SERVER_RPC_IO_CONTEXT_WATCHER_H_

#include <boost/asio/io_context.hpp>
#include <functional>
#include <thread>

#include "server/base/file_descriptor.h"

namespace docspace::gateway {

// IoContextWatcher waits, on a thread of its own, for the sockets and timers of an io_context, so
// that the thread that runs the io_context can wait in gRPC's completion queue in the meantime.
//
// Asio reports readiness only by running handlers, and keeps the descriptor of its epoll instance
// private (https://github.com/chriskohlhoff/asio/issues/557). This class therefore reads a private
// member of Asio's. The alternatives cost more. `io_context::run_for` in slices delays gRPC's
// events by up to a slice, or wakes an idle process for nothing. A second thread that runs the
// io_context would move each call between threads, which then need locks.
//
// The .cc file refuses to compile with a version of Boost, or with a reactor, for which this has
// not been tried. To admit another version, run //tests/server/rpc:io_context_watcher_test with it.
// The class goes once Asio offers the descriptor.
class IoContextWatcher {
 public:
  // `on_ready` is called on the watcher's thread, at most once for each Arm. `context` must outlive
  // this object. Throws std::system_error.
  IoContextWatcher(boost::asio::io_context& context, std::function<void()> on_ready);
  ~IoContextWatcher();
  IoContextWatcher(const IoContextWatcher&) = delete;
  IoContextWatcher& operator=(const IoContextWatcher&) = delete;

  // Requests one report, when a socket or a timer may have made work for the context. Must be
  // called by one thread, after a poll of the context has found nothing left; the context must have
  // work, because a poll without work does not look at sockets and timers.
  void Arm();

 private:
  void Run();

  const std::function<void()> on_ready_;
  // The descriptor that Asio waits with. Asio owns it.
  const int asio_;
  const FileDescriptor stop_;
  const FileDescriptor epoll_;
  std::thread thread_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_IO_CONTEXT_WATCHER_H_
