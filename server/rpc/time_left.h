// The time until a deadline that a caller chose.
#ifndef SERVER_RPC_TIME_LEFT_H_
#define SERVER_RPC_TIME_LEFT_H_

#include <grpc/support/time.h>

#include <algorithm>
#include <chrono>

namespace docspace::gateway {

// Returns the time from `now` to `deadline`, which are times of the same clock: at least zero and
// at most `at_most`, which must not be negative. Both are seconds until they are clamped, because a
// deadline of 2,562,048 hours (`grpc-timeout: 2562048H`, which Go sends for its longest duration)
// is beyond the nanoseconds of std::chrono, and grpc::ServerContext::deadline() overflows for it.
inline std::chrono::nanoseconds TimeLeft(gpr_timespec deadline, gpr_timespec now,
                                         std::chrono::nanoseconds at_most) {
  const gpr_timespec left = gpr_time_sub(deadline, now);
  if (left.tv_sec < 0) return std::chrono::nanoseconds::zero();
  if (left.tv_sec >= std::chrono::ceil<std::chrono::seconds>(at_most).count()) return at_most;
  return std::min(at_most,
                  std::chrono::seconds(left.tv_sec) + std::chrono::nanoseconds(left.tv_nsec));
}

}  // namespace docspace::gateway

#endif  // SERVER_RPC_TIME_LEFT_H_
