// Detects file descriptors, above all sockets, that a test leaves open.
#ifndef TESTS_TESTKIT_DESCRIPTOR_LEAK_CHECK_H_
#define TESTS_TESTKIT_DESCRIPTOR_LEAK_CHECK_H_

#include <cstddef>

namespace docspace::gateway::testkit {

// The destructor of `DescriptorLeakCheck` expects that this process has no more open file
// descriptors than at construction. It waits for those that other threads are about to close.
class DescriptorLeakCheck {
 public:
  DescriptorLeakCheck();
  ~DescriptorLeakCheck();
  DescriptorLeakCheck(const DescriptorLeakCheck&) = delete;
  DescriptorLeakCheck& operator=(const DescriptorLeakCheck&) = delete;

 private:
  std::size_t before_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_DESCRIPTOR_LEAK_CHECK_H_
