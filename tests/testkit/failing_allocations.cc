#include "tests/testkit/failing_allocations.h"

#include <dlfcn.h>
#include <unwind.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>
#include <utility>

namespace docspace::gateway::testkit {
namespace {

thread_local bool counting = false;
std::atomic<int> countdown = 0;

// The owner of a stack frame's code. The runtime and the standard library allocate for their
// callers.
enum class Owner { kRuntime, kOurs, kOther };

Owner OwnerOf(const void* code) {
  Dl_info info{};
  if (dladdr(code, &info) == 0) return Owner::kOurs;
  const std::string_view file = info.dli_fname;
  const std::string_view name = info.dli_sname == nullptr ? "" : info.dli_sname;
  if (file.find("/libstdc++.") != std::string_view::npos || name.starts_with("_ZNS") ||
      name.starts_with("_ZNKS") || name.starts_with("_ZS")) {
    return Owner::kRuntime;
  }
  if (file.starts_with("/lib/") || file.starts_with("/usr/lib/")) return Owner::kOther;
  // Code from the headers of gRPC and Protobuf counts as theirs.
  const bool is_theirs = name.starts_with("_ZN4grpc") || name.starts_with("_ZNK4grpc") ||
                         name.starts_with("_ZN6google") || name.starts_with("_ZNK6google");
  return is_theirs ? Owner::kOther : Owner::kOurs;
}

// The state of a walk up the stack from the caller of `operator new` to the code that the memory is
// for.
struct Walk {
  const std::uintptr_t asked_from;
  bool reached = false;
  Owner owner = Owner::kRuntime;
};

_Unwind_Reason_Code Step(_Unwind_Context* frame, void* walk_of) {
  Walk& walk = *static_cast<Walk*>(walk_of);
  const std::uintptr_t at = _Unwind_GetIP(frame);
  walk.reached = walk.reached || at == walk.asked_from;
  if (walk.reached) walk.owner = OwnerOf(reinterpret_cast<const void*>(at - 1));
  return walk.owner == Owner::kRuntime ? _URC_NO_REASON : _URC_END_OF_STACK;
}

bool IsOurs(const void* asked_from) {
  Walk walk{reinterpret_cast<std::uintptr_t>(asked_from)};
  _Unwind_Backtrace(Step, &walk);
  return walk.owner == Owner::kOurs;
}

bool Fails(const void* asked_from) {
  if (!counting || countdown <= 0) return false;
  counting = false;  // The walk may allocate.
  const bool fails = IsOurs(asked_from) && countdown-- == 1;
  counting = true;
  return fails;
}

}  // namespace

CountAllocations::CountAllocations() : before_(std::exchange(counting, true)) {}
CountAllocations::~CountAllocations() { counting = before_; }

void CountAllocationsOfThisThread() { counting = true; }

void FailAllocation(int nth) { countdown = nth; }

bool StopFailing() { return countdown.exchange(0) <= 0; }

}  // namespace docspace::gateway::testkit

using docspace::gateway::testkit::Fails;

// These replace the standard library's allocation functions.
void* operator new(std::size_t size) {
  void* memory = Fails(__builtin_return_address(0)) ? nullptr : std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
