// A port of loopback that no other program gets, for a test that listens on it, stops, and listens
// again.
#ifndef TESTS_TESTKIT_RESERVED_PORT_H_
#define TESTS_TESTKIT_RESERVED_PORT_H_

#include <cstdint>
#include <string>

namespace docspace::gateway::testkit {

// `ReservedPort` holds a port that the kernel chose. Its socket is bound but does not listen. A
// socket with SO_REUSEADDR can bind to the same port and listen, and the kernel does not use the
// port for outgoing connections.
class ReservedPort {
 public:
  ReservedPort();
  ~ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;

  std::uint16_t port() const { return port_; }
  // The address in the form 127.0.0.1:port.
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_RESERVED_PORT_H_
