// The tags of gRPC's asynchronous operations.
#ifndef SERVER_RPC_COMPLETION_H_
#define SERVER_RPC_COMPLETION_H_

namespace docspace::gateway {

// Completion is the base class of completion-queue tags. It must not be moved or destroyed before
// Complete has been called, which happens exactly once for each operation.
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  // Called on the thread of the event loop whose queue the operation was started with. `ok` is the
  // result that gRPC gives for the operation.
  virtual void Complete(bool ok) = 0;

  void* tag() { return this; }
  static Completion& FromTag(void* tag) { return *static_cast<Completion*>(tag); }

 protected:
  ~Completion() = default;
};

// MemberCompletion calls a member function of its owner, which must outlive the operation.
template <class Owner, void (Owner::*kMember)(bool ok)>
class MemberCompletion final : public Completion {
 public:
  explicit MemberCompletion(Owner& owner) : owner_(owner) {}
  void Complete(bool ok) override { (owner_.*kMember)(ok); }

 private:
  Owner& owner_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_COMPLETION_H_
