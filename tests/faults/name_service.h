// A name service that a test tells what to say.
#ifndef TESTS_FAULTS_NAME_SERVICE_H_
#define TESTS_FAULTS_NAME_SERVICE_H_

#include <cstddef>
#include <deque>
#include <mutex>

#include "server/http/caching_resolver.h"

namespace docspace::gateway::testkit {

// Thread-safe. Outlives the gateway that asks it.
class NameService {
 public:
  // What it says to the next question that has no answer yet. No addresses: there is no such name.
  void Next(http::Addresses addresses);
  // What it says to each question beyond those.
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
