// Observer of the attempts of one request.
#ifndef SERVER_HTTP_ATTEMPT_OBSERVER_H_
#define SERVER_HTTP_ATTEMPT_OBSERVER_H_

#include <vector>

#include "server/http/message.h"
#include "server/http/origin.h"

namespace docspace::gateway::http {

// AttemptObserver observes each attempt of a request, and can add headers to it. Its methods are
// called on the thread of the request's event loop. It must outlive the request. If the request's
// coroutine is destroyed, because Asio lacks memory, the last attempt starts but does not end.
class AttemptObserver {
 public:
  virtual ~AttemptObserver() = default;

  // Called when an attempt starts, before it waits for a connection. The headers returned are sent
  // with it, in place of the request's headers of the same names.
  virtual std::vector<Header> OnAttemptStart(const Origin& origin) = 0;

  // Called when the attempt has ended. `reused_connection` is true if its connection had carried
  // other requests.
  virtual void OnAttemptEnd(const Outcome& outcome, bool reused_connection) noexcept = 0;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_ATTEMPT_OBSERVER_H_
