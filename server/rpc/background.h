// Threads for work that would keep an event loop from its other calls.
#ifndef SERVER_RPC_BACKGROUND_H_
#define SERVER_RPC_BACKGROUND_H_

#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <functional>

#include "server/base/task.h"
#include "server/rpc/event_loop.h"

namespace docspace::gateway {

// Thread-safe. Must outlive the event loops that use it.
class Background {
 public:
  explicit Background(std::size_t threads) : pool_(threads) {}
  // Waits until all work has ended.
  ~Background() { pool_.join(); }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // Runs `work` on one of the threads, and resumes on the thread of `loop`, from where it must be
  // called, when it has ended. Throws what `work` throws. If the coroutine is cancelled meanwhile,
  // this throws too and `work` goes on: so it must own all that it uses. The loop does not end
  // before it.
  http::Task<void> Run(EventLoop& loop, std::function<void()> work);

 private:
  boost::asio::thread_pool pool_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_BACKGROUND_H_
