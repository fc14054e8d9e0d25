// Threads for work that would keep an event loop from its other calls.
#ifndef SERVER_RPC_BACKGROUND_H_
#define SERVER_RPC_BACKGROUND_H_

#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <functional>

#include "server/base/task.h"
#include "server/rpc/event_loop.h"

namespace docspace::gateway {

// Background runs functions on threads of its own. It must outlive the event loops that use it.
// Thread-safe.
class Background {
 public:
  explicit Background(std::size_t threads) : pool_(threads) {}
  // Waits until all work has ended.
  ~Background() { pool_.join(); }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // Runs `work` on one of the threads, and resumes on the thread of `loop` when it has ended. Must
  // be called on that thread. Throws what `work` throws. If the coroutine is cancelled meanwhile,
  // this throws too while `work` continues, so `work` must own all objects that it uses. The loop
  // does not end before `work` does.
  http::Task<void> Run(EventLoop& loop, std::function<void()> work);

 private:
  boost::asio::thread_pool pool_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_BACKGROUND_H_
