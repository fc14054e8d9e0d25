// What gRPC's asynchronous operations complete.
#ifndef SERVER_RPC_COMPLETION_H_
#define SERVER_RPC_COMPLETION_H_

namespace docspace::gateway {

// What has the tag of an operation, and is completed by it once. It stays where it is until then.
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  // On the thread of the loop whose queue the operation was started with. `ok` is what gRPC says
  // of that operation.
  virtual void Complete(bool ok) = 0;

  void* tag() { return this; }
  static Completion& OfTag(void* tag) { return *static_cast<Completion*>(tag); }

 protected:
  ~Completion() = default;
};

// Completes a member function of its owner.
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
