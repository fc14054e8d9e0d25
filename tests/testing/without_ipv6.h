// A thread of a machine without IPv6.
#ifndef TESTS_TESTING_WITHOUT_IPV6_H_
#define TESTS_TESTING_WITHOUT_IPV6_H_

#include <functional>

namespace docspace::gateway::testing {

// Runs `function` on a thread for which the kernel makes no IPv6 sockets, like one that was started
// with `ipv6.disable=1`, and waits for its end. Threads that `function` starts have none either.
void WithoutIpv6(const std::function<void()>& function);

}  // namespace docspace::gateway::testing

#endif  // TESTS_TESTING_WITHOUT_IPV6_H_
