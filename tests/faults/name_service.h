// A name service whose responses a test sets.
#ifndef TESTS_FAULTS_NAME_SERVICE_H_
#define TESTS_FAULTS_NAME_SERVICE_H_

#include <cstddef>
#include <deque>
#include <mutex>

#include "server/http/caching_resolver.h"

namespace docspace::gateway::testkit {

// `NameService` resolves names for the gateway, which it must outlive. Thread-safe.
class NameService {
 public:
  // Sets the response to the next query that has none yet. If `addresses` is empty, the name does
  // not exist.
  void Next(http::Addresses addresses);
  // Sets the response to all queries without one of their own.
  void Always(http::Addresses addresses);

  http::Resolve AsResolver();
  std::size_t questions() const;

 private:
  http::Resolved Answer();

  mutable std::mutex mutex_;
  std::deque<http::Addresses> next_;
  http::Addresses always_;
  std::size_t questions_ = 0;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_FAULTS_NAME_SERVICE_H_
