// An open loop of load: calls start at a fixed rate, independent of how long the responses take.
#ifndef TESTS_PROCESSES_OFFERED_LOAD_H_
#define TESTS_PROCESSES_OFFERED_LOAD_H_

#include <grpcpp/channel.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace docspace::gateway::testkit {

// `Latencies` holds the latencies of calls, measured from the time at which a call was due, so that
// a call that starts late counts as slow.
class Latencies {
 public:
  void Add(std::chrono::steady_clock::duration latency) { milliseconds_.push_back(latency); }
  std::size_t count() const { return milliseconds_.size(); }
  // Returns the quantile `share` (0 to 1) in milliseconds, or 0 if there are no latencies.
  double Quantile(double share) const;

 private:
  std::vector<std::chrono::duration<double, std::milli>> milliseconds_;
};

struct LoadReport {
  std::size_t offered = 0;
  std::chrono::duration<double> lasted{};
  Latencies answered;
  // Calls that ended with GATEWAY_OVERLOADED.
  Latencies refused;
  // Calls that ended otherwise, in most cases at their deadline.
  std::size_t failed = 0;

  double Goodput() const { return static_cast<double>(answered.count()) / lasted.count(); }
  double RefusedShare() const {
    return static_cast<double>(refused.count()) / static_cast<double>(offered);
  }
};

// Calls GetAllPermissions `per_second` times a second for `duration`, over the channels in turn.
// Returns once every call has ended. `patience` is the deadline of a call.
LoadReport Offer(const std::vector<std::shared_ptr<grpc::Channel>>& channels, double per_second,
                 std::chrono::seconds duration, std::chrono::milliseconds patience);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_PROCESSES_OFFERED_LOAD_H_
