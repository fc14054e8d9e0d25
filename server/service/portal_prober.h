// Connects to portals when the gateway starts, until one of them can be reached.
#ifndef SERVER_SERVICE_PORTAL_PROBER_H_
#define SERVER_SERVICE_PORTAL_PROBER_H_

#include <boost/asio/cancellation_signal.hpp>
#include <functional>
#include <list>
#include <memory>

#include "server/http/client.h"
#include "server/service/worker.h"

namespace docspace::gateway {

// PortalProber connects to every portal of one worker, and repeats this a second after each
// failure, until one of them can be reached. The connection stays in the pool.
class PortalProber : public std::enable_shared_from_this<PortalProber> {
 public:
  // Starts to probe. `found` is called at most once, on the worker's thread, and not after Stop has
  // taken effect. It must outlive the worker's loop.
  static std::shared_ptr<PortalProber> Start(Worker& worker, std::function<void()> found);

  // Ends the probes by the time the worker's loop ends. Thread-safe. Must be called before that
  // loop is told to stop.
  void Stop();

 private:
  PortalProber(Worker& worker, std::function<void()> found)
      : worker_(worker), found_(std::move(found)) {}

  void Begin();
  http::Task<void> Search(http::Client& portal);
  // On the worker's thread, in its context.
  void End();

  Worker& worker_;
  const std::function<void()> found_;
  bool is_over_ = false;
  // One for each portal.
  std::list<boost::asio::cancellation_signal> cancel_;
};

}  // namespace docspace::gateway

#endif  // SERVER_SERVICE_PORTAL_PROBER_H_
