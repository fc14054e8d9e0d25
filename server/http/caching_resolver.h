// Resolves the name of the upstream and keeps the addresses, which it resolves again after an
// interval, and after failures to connect.
#ifndef SERVER_HTTP_CACHING_RESOLVER_H_
#define SERVER_HTTP_CACHING_RESOLVER_H_

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "server/base/task.h"

namespace docspace::gateway::http {

using Addresses = std::vector<asio::ip::tcp::endpoint>;

// Resolves a name, on the event loop of the coroutine that awaits it. Tests pass their own
// function.
using Resolved = std::tuple<boost::system::error_code, Addresses>;
using Resolve = std::function<Task<Resolved>(std::string host, std::uint16_t port)>;

// Looks up a name, and may block for any time.
using LookUp = std::function<Resolved(const std::string& host, std::uint16_t port)>;

// Returns a function that calls `look_up` on a new thread for each name, so that no event loop
// waits for it. If the waiting coroutine is cancelled, the thread continues until `look_up`
// returns.
Resolve ResolveOnThreads(LookUp look_up);

// Resolves by the system's resolver (getaddrinfo), on threads.
Task<Resolved> SystemResolve(std::string host, std::uint16_t port);

// Keeps the addresses of one name. Must be used on one event loop's thread, and `loop` must outlive
// it. A call waits for a resolution only while no address is known: old addresses are used while
// the name is resolved again, and they are kept if it does not resolve.
class CachingResolver {
 public:
  CachingResolver(asio::io_context& loop, std::string host, std::uint16_t port,
                  Clock::duration refresh, Resolve resolve);
  ~CachingResolver();

  // Returns the addresses; none if the name does not resolve. Throws if it is cancelled.
  Task<Addresses> Get();

  // Resolves the name again, because none of its addresses could be connected to; at most once a
  // second. Does not block.
  void RequestRefresh();

 private:
  struct State;
  class Resolution;
  static Task<void> Refresh(Resolution resolution);
  void StartRefresh();

  // Shared with a resolution in progress, which cannot be aborted and may outlive this object.
  std::shared_ptr<State> state_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CACHING_RESOLVER_H_
