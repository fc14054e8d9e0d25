// Makes one allocation of the code under test fail, as if memory had run out.
//
// Only the project's own code and what it includes from headers (Asio, the standard library) is
// affected: gRPC, Protobuf and Abseil abort or leak when an allocation fails, and RapidJSON does
// not check for it.
#ifndef TESTS_TESTKIT_FAILING_ALLOCATIONS_H_
#define TESTS_TESTKIT_FAILING_ALLOCATIONS_H_

namespace docspace::gateway::testkit {

// Allocations of this thread are counted while a `CountAllocations` exists.
class CountAllocations {
 public:
  CountAllocations();
  ~CountAllocations();
  CountAllocations(const CountAllocations&) = delete;
  CountAllocations& operator=(const CountAllocations&) = delete;

 private:
  const bool before_;
};

// Counts the allocations of this thread until the thread ends.
void CountAllocationsOfThisThread();

// Makes the `nth` allocation counted from now on fail, once, over all threads. `nth` starts at 1.
void FailAllocation(int nth);
// Stops failing allocations. Returns whether one has failed since `FailAllocation`.
bool StopFailing();

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_FAILING_ALLOCATIONS_H_
