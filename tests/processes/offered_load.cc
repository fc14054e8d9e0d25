#include "tests/processes/offered_load.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/testkit/call_result.h"

namespace docspace::gateway::testkit {
namespace {

using namespace apikeys::v1;  // NOLINT(google-build-using-namespace): the messages of one RPC.
using Clock = std::chrono::steady_clock;

// Collects the results of calls, which end on threads of gRPC.
class Counter {
 public:
  void Begin() {
    const std::lock_guard lock(mutex_);
    ++report_.offered;
  }

  void End(const CallResult& outcome, Clock::duration latency) {
    const std::lock_guard lock(mutex_);
    if (outcome.ok()) {
      report_.answered.Add(latency);
    } else if (outcome.reason() == "GATEWAY_OVERLOADED") {
      report_.refused.Add(latency);
    } else {
      ++report_.failed;
    }
    ++ended_;
    changed_.notify_all();
  }

  // Waits until every call has ended and returns the report.
  LoadReport Take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ == report_.offered; });
    return std::move(report_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t ended_ = 0;
  LoadReport report_;
};

struct Call {
  grpc::ClientContext context;
  GetAllPermissionsRequest request;
  GetAllPermissionsResponse response;
};

void Start(ApiKeys::Stub& stub, Clock::time_point due, std::chrono::milliseconds patience,
           Counter& counter) {
  counter.Begin();
  auto* const call = new Call;
  call->context.set_deadline(std::chrono::system_clock::now() + patience);
  call->context.AddMetadata("apikeybearer", "sk-planted");
  stub.async()->GetAllPermissions(&call->context, &call->request, &call->response,
                                  [call, due, &counter](const grpc::Status& status) {
                                    std::unique_ptr<Call> owned(call);
                                    const CallResult outcome = CallResultOf(status, owned->context);
                                    // The channel is released before the call is counted, because a
                                    // thread of gRPC must not hold the last reference to it.
                                    owned.reset();
                                    counter.End(outcome, Clock::now() - due);
                                  });
}

}  // namespace

double Latencies::Quantile(double share) const {
  if (milliseconds_.empty()) return 0;
  auto sorted = milliseconds_;
  const auto at =
      sorted.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), at, sorted.end());
  return at->count();
}

LoadReport Offer(const std::vector<std::shared_ptr<grpc::Channel>>& channels, double per_second,
                 std::chrono::seconds duration, std::chrono::milliseconds patience) {
  std::vector<std::unique_ptr<ApiKeys::Stub>> stubs;
  for (const auto& channel : channels) stubs.push_back(ApiKeys::NewStub(channel));
  const auto interval =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / per_second));
  Counter counter;
  const Clock::time_point began = Clock::now();
  Clock::time_point due = began;
  for (std::size_t i = 0; due < began + duration; ++i, due += interval) {
    std::this_thread::sleep_until(due);
    Start(*stubs[i % stubs.size()], due, patience, counter);
  }
  const std::chrono::duration<double> lasted = Clock::now() - began;
  LoadReport report = counter.Take();
  report.lasted = lasted;
  return report;
}

}  // namespace docspace::gateway::testkit
