// Runs code as on a machine without IPv6.
#ifndef TESTS_TESTKIT_WITHOUT_IPV6_H_
#define TESTS_TESTKIT_WITHOUT_IPV6_H_

#include <functional>

namespace docspace::gateway::testkit {

// Runs `function` on a thread for which the kernel makes no IPv6 sockets, like one that was started
// with `ipv6.disable=1`, and waits for its end. Threads that `function` starts have none either.
void WithoutIpv6(const std::function<void()>& function);

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_WITHOUT_IPV6_H_
