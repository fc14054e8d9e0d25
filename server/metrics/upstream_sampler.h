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

// UpstreamSampler asks each event loop on the loop's own thread, so that calls share no lock with a
// request for a sample. Thread-safe, except for Add.
class UpstreamSampler {
 public:
  struct Sample {
    std::string portal;
    http::ClientState state;
  };

  explicit UpstreamSampler(
      std::chrono::steady_clock::duration patience = std::chrono::milliseconds(500))
      : patience_(patience) {}

  // Before the first Take. `client` is of `loop`, which runs as long as Take may be called; it ends
  // before the client does.
  void Add(std::string portal, EventLoop& loop, const http::Client& client);

  // One for each that was added, in that order. Of a loop that does not answer in time, what it
  // said last.
  std::vector<Sample> Take();

 private:
  struct Answer;
  struct Source {
    std::string portal;
    EventLoop& loop;
    const http::Client& client;
    // Shared with a question that is still under way.
    std::shared_ptr<Answer> answer;
  };

  const std::chrono::steady_clock::duration patience_;
  std::vector<Source> sources_;
};

}  // namespace docspace::gateway

#endif  // SERVER_METRICS_UPSTREAM_SAMPLER_H_
