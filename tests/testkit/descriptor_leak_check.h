// Whether a test leaves file descriptors open: sockets, above all.
#ifndef TESTS_TESTKIT_DESCRIPTOR_LEAK_CHECK_H_
#define TESTS_TESTKIT_DESCRIPTOR_LEAK_CHECK_H_

#include <cstddef>

namespace docspace::gateway::testkit {

// When it goes, expects that no more file descriptors of this process are open than when it came.
// Waits for those that other threads are about to close.
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
