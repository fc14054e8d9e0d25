// A client that makes one call after another, over any protocol.
#ifndef BENCH_LOAD_CALLER_H_
#define BENCH_LOAD_CALLER_H_

#include <string>

#include "server/base/task.h"

namespace docspace::bench {

template <class T>
using Task = gateway::http::Task<T>;
using Clock = gateway::http::Clock;

struct Answer {
  // The HTTP status, or `grpc-status`; -1 if there was none.
  int status = -1;
  // The HTTP body, or the gRPC messages with their prefixes.
  std::string body;

  bool operator==(const Answer&) const = default;
};

class Caller {
 public:
  virtual ~Caller() = default;
  // Makes one call, and returns its whole response. Throws if the connection is lost.
  virtual Task<Answer> Call() = 0;
};

}  // namespace docspace::bench

#endif  // BENCH_LOAD_CALLER_H_
