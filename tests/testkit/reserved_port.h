// A port of loopback that is nobody else's, for one who listens there, stops, and listens again.
#ifndef TESTS_TESTKIT_RESERVED_PORT_H_
#define TESTS_TESTKIT_RESERVED_PORT_H_

#include <string>

namespace docspace::gateway::testkit {

// Chosen by the kernel. It is bound and does not listen: who sets SO_REUSEADDR may bind it beside
// this one and listen, and the kernel gives it to no connection as its own end.
class ReservedPort {
 public:
  ReservedPort();
  ~ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;

  // 127.0.0.1:port
  const std::string& address() const { return address_; }

 private:
  int socket_;
  std::string address_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_RESERVED_PORT_H_
