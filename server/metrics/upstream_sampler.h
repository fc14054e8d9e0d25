// The state of the portals as the clients of all event loops see it, sampled on request.
#ifndef SERVER_METRICS_UPSTREAM_SAMPLER_H_
#define SERVER_METRICS_UPSTREAM_SAMPLER_H_

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/http/client.h"
#include "server/rpc/event_loop.h"

namespace docspace::gateway {

// UpstreamSampler reads each client on the thread of its event loop, so that calls share no lock
// with a request for a sample. Thread-safe, except for Add.
class UpstreamSampler {
 public:
  struct Sample {
    std::string portal;
    http::ClientState state;
  };

  // `patience` bounds how long Take waits for the loops.
  explicit UpstreamSampler(
      std::chrono::steady_clock::duration patience = std::chrono::milliseconds(500))
      : patience_(patience) {}

  // Adds a client of `loop`. Must be called before the first Take. `loop` must run as long as Take
  // may be called, and must end before `client` is destroyed.
  void Add(std::string portal, EventLoop& loop, const http::Client& client);

  // Returns a sample for each added client, in the order of the calls of Add. Blocks for up to
  // `patience`. If a loop does not respond in time, its samples are those of the last time.
  std::vector<Sample> Take();

 private:
  struct Answer;
  struct Source {
    std::string portal;
    EventLoop& loop;
    const http::Client& client;
    // A posted function of the loop shares this while it has not run yet.
    std::shared_ptr<Answer> answer;
  };

  const std::chrono::steady_clock::duration patience_;
  std::vector<Source> sources_;
};

}  // namespace docspace::gateway

#endif  // SERVER_METRICS_UPSTREAM_SAMPLER_H_
