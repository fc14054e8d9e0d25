// Memory that runs out, for one allocation of the code under test.
//
// Only our own code and what it includes from headers (Asio, the standard library) is refused
// memory: gRPC, Protobuf and Abseil abort or leak without it, and RapidJSON does not look.
#ifndef TESTS_TESTKIT_FAILING_ALLOCATIONS_H_
#define TESTS_TESTKIT_FAILING_ALLOCATIONS_H_

namespace docspace::gateway::testkit {

// Where it lives, this thread's allocations count.
class CountAllocations {
 public:
  CountAllocations();
  ~CountAllocations();
  CountAllocations(const CountAllocations&) = delete;
  CountAllocations& operator=(const CountAllocations&) = delete;

 private:
  const bool before_;
};

// As CountAllocations, for the rest of the thread's life.
void CountAllocationsOfThisThread();

// Of those counted from now on, over all threads, the `nth` fails, from 1; once.
void FailAllocation(int nth);
// None fails any more. Whether one has.
bool StopFailing();

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_FAILING_ALLOCATIONS_H_
