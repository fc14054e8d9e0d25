// Calls that come at a rate of their own, however long the answers take: an open loop.
#ifndef TESTS_PROCESSES_OFFERED_LOAD_H_
#define TESTS_PROCESSES_OFFERED_LOAD_H_

#include <grpcpp/channel.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace docspace::gateway::testkit {

// How long calls took, from when they were due: one that could not be begun in time is late, too.
class Latencies {
 public:
  void Add(std::chrono::steady_clock::duration latency) { milliseconds_.push_back(latency); }
  std::size_t count() const { return milliseconds_.size(); }
  // In milliseconds, of a share from 0 to 1; 0 where there is none.
  double Quantile(double share) const;

 private:
  std::vector<std::chrono::duration<double, std::milli>> milliseconds_;
};

struct LoadReport {
  std::size_t offered = 0;
  std::chrono::duration<double> lasted{};
  Latencies answered;
  // With GATEWAY_OVERLOADED.
  Latencies refused;
  // Anything else: a deadline, above all.
  std::size_t failed = 0;

  double Goodput() const { return static_cast<double>(answered.count()) / lasted.count(); }
  double RefusedShare() const {
    return static_cast<double>(refused.count()) / static_cast<double>(offered);
  }
};

// Asks for the permissions `per_second` times a second for that long, over the channels in turn.
// Returns once every call has ended; each has `patience` to do so.
LoadReport Offer(const std::vector<std::shared_ptr<grpc::Channel>>& channels, double per_second,
                 std::chrono::seconds duration, std::chrono::milliseconds patience);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_PROCESSES_OFFERED_LOAD_H_
