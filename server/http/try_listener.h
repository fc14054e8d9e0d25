// Somebody who follows the tries of a request, and may mark each.
#ifndef SERVER_HTTP_TRY_LISTENER_H_
#define SERVER_HTTP_TRY_LISTENER_H_

#include <vector>

#include "server/http/message.h"
#include "server/http/origin.h"

namespace docspace::gateway::http {

// Used on the event loop of the request. A try whose request's coroutine is destroyed, for lack of
// memory, begins but does not end.
class TryListener {
 public:
  virtual ~TryListener() = default;

  // A try begins, which may have to wait for a connection. The headers returned are sent with it,
  // in place of the request's own of those names.
  virtual std::vector<Header> OnTry(const Origin& origin) = 0;

  // It has ended. `reused_connection` tells whether it went over one that had carried others.
  virtual void OnTryEnd(const Outcome& outcome, bool reused_connection) noexcept = 0;
};

}  // namespace docspace::gateway::http

#endif  // SERVER_HTTP_TRY_LISTENER_H_
