// The upstream's addresses: resolved once, again on an interval, and after failures.
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

// Resolves a name, on the event loop of whoever asks. Tests give their own.
using Resolved = std::tuple<boost::system::error_code, Addresses>;
using Resolve = std::function<Task<Resolved>(std::string host, std::uint16_t port)>;

// Looks a name up, and may take as long as it likes.
using LookUp = std::function<Resolved(const std::string& host, std::uint16_t port)>;

// Calls `look_up` on a thread of its own for each question, so that no event loop waits for it. A
// thread whose question nobody waits for any more is left to end by itself.
Resolve ResolveOnThreads(LookUp look_up);

// Asks the system's resolver, on threads.
Task<Resolved> SystemResolve(std::string host, std::uint16_t port);

// Used by one event loop. A call waits for a resolution only while nothing is known: a stale answer
// is used while a new one is sought, and a failure to resolve keeps the last addresses.
class CachingResolver {
 public:
  CachingResolver(asio::io_context& loop, std::string host, std::uint16_t port,
                  Clock::duration refresh, Resolve resolve);
  ~CachingResolver();

  // Empty where the name does not resolve.
  Task<Addresses> Get();

  // None of the addresses could be connected to: resolve again, at most once a second.
  void RequestRefresh();

 private:
  struct State;
  class Resolution;
  static Task<void> Refresh(Resolution resolution);
  void StartRefresh();

  // Shared with a resolution under way, which cannot be aborted and may outlive the resolver.
  std::shared_ptr<State> state_;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_CACHING_RESOLVER_H_
