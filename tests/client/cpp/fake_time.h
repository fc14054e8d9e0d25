// A clock that advances only when a client sleeps.
#ifndef TESTS_CLIENT_CPP_FAKE_TIME_H_
#define TESTS_CLIENT_CPP_FAKE_TIME_H_

#include <chrono>
#include <vector>

#include "client/cpp/client.h"

namespace docspace::apikeys {

// `FakeTime` must outlive the clients that use its timer.
struct FakeTime {
  std::chrono::steady_clock::time_point now;
  double jitter = 0.5;
  std::vector<std::chrono::nanoseconds> sleeps;

  RetryTimer Timer() {
    return {
        .now = [this] { return now; },
        .sleep =
            [this](std::chrono::nanoseconds delay) {
              sleeps.push_back(delay);
              now += delay;
            },
        .jitter = [this] { return jitter; },
    };
  }
};

}  // namespace docspace::apikeys

#endif  // TESTS_CLIENT_CPP_FAKE_TIME_H_
