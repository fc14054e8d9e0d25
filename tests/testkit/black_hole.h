// An address that takes no connection and refuses none: what a dropped packet looks like.
#ifndef TESTS_TESTKIT_BLACK_HOLE_H_
#define TESTS_TESTKIT_BLACK_HOLE_H_

#include <cstdint>
#include <vector>

namespace docspace::gateway::testkit {

// `BlackHole` is a listener on 127.0.0.1 that never accepts and whose backlog is full, so that
// Linux drops further SYNs.
class BlackHole {
 public:
  BlackHole();
  ~BlackHole();
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_BLACK_HOLE_H_
