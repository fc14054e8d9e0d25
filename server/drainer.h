// Ends a server that serves callers, in an order that loses no response.
#ifndef SERVER_DRAINER_H_
#define SERVER_DRAINER_H_

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>

#include "server/base/task.h"

namespace docspace::gateway {

// Drainer ends a server. gRPC finishes a call that arrives during its shutdown with CANCELLED, and
// callers learn only a round trip later that the server accepts no more calls. A call that the
// gateway refuses itself, or that arrives on a connection that is being closed, is UNAVAILABLE to
// its caller, who may retry it. So the gateway first refuses calls, then closes the connections as
// soon as no call is in flight, and only then lets gRPC shut down.
//
// It is used once, by one thread. All steps must outlive Run.
class Drainer {
 public:
  // The actions of a drain. `stop_calls` and `abort_connections` are called on the thread of the
  // io_context, `is_idle` and `close_connections` on that thread and on the thread of Run, the
  // others on the thread of Run.
  struct Steps {
    // Returns true if no call is in flight and every response is written.
    std::function<bool()> is_idle;
    // Accepts no further connection and refuses further calls.
    std::function<void()> refuse_calls;
    // Finishes the calls in flight with a status of the gateway.
    std::function<void()> stop_calls;
    // Ends the streams that callers keep open, such as Watch of the health service, and closes
    // their connections in an orderly way.
    std::function<void()> close_connections;
    // Cuts all remaining connections: those of callers that do not read, for which gRPC would wait
    // for ever.
    std::function<void()> abort_connections;
    // Shuts the server down and returns when no call is left. gRPC cancels the remaining calls at
    // `end`.
    std::function<void(http::Clock::time_point end)> shut_down;
    // Ends the threads that run the io_context.
    std::function<void()> stop_loops;
  };

  // The timers run on `context`, which other threads run until `stop_loops`.
  Drainer(boost::asio::io_context& context, Steps steps);

  // Drains the server. Calls in flight have `grace` to end by themselves. Shortly before its end
  // the gateway finishes them. Returns when the server is shut down and the loops have ended, soon
  // after `grace` at the latest. Blocks.
  void Run(http::Clock::duration grace);

 private:
  // Waits until the server is idle and its last responses have had time to arrive. Returns false if
  // it is not idle after `patience`.
  bool BecomesIdle(http::Clock::duration patience) const;
  // Closes the connections each time the server has been idle for a while.
  void CloseConnectionsOnceIdle(bool was_idle);

  const Steps steps_;
  http::Timer answer_timer_;
  http::Timer abort_timer_;
  http::Timer idle_timer_;
};

}  // namespace docspace::gateway

#endif  // SERVER_DRAINER_H_
