// One caller of the soak, and what it makes of each answer.
#ifndef TESTS_SOAK_CALLER_H_
#define TESTS_SOAK_CALLER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "docspace/apikeys/v1/api_keys.grpc.pb.h"
#include "tests/emulator/emulator.h"
#include "tests/soak/soak.h"
#include "tests/testkit/call_result.h"

namespace docspace::gateway::testkit {

// Makes keys, asks for them, changes and deletes them, one call after the other. Used by one
// thread; counts into a report of its own.
class Caller {
 public:
  Caller(std::size_t number, apikeys::v1::ApiKeys::StubInterface& stub, emulator::Emulator& portal,
         unsigned seed);

  void Run(const std::stop_token& stop);

  // Once the portal has no call any more: holds what the answers said against what it did.
  void Audit();

  const SoakReport& report() const { return report_; }

 private:
  using Credential = std::pair<std::string, std::string>;
  using Stub = apikeys::v1::ApiKeys::StubInterface;

  // Whether a write was done, as far as its answer says.
  enum class Done : std::uint8_t { kYes, kNo, kMaybe };

  struct Key {
    std::string id;
    Credential secret;
    // The one that it was given last, and those of changes whose outcome nobody knows: such a
    // change may still be on its way, and be made after a later one.
    std::string name;
    std::set<std::string> possible_names;
  };

  template <class Request, class Response>
  CallResponse<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request, const Credential& credential);

  std::optional<Key> Create();
  void Rename(Key& key);
  void Delete(const Key& key);
  void AskForKey(const Key& key);
  void AskForPermissions();
  void AskForKeys();

  Done Judge(const CallResult& outcome, const char* rpc);
  // Whether a read was answered; where not, the answer says so as it may.
  bool Answered(const CallResult& outcome, const char* rpc);
  void Wrong(std::uint64_t& count, std::string violation);
  std::string NameOf(std::size_t creation) const;
  bool OneIn(int n);

  const std::size_t number_;
  Stub& stub_;
  emulator::Emulator& portal_;
  const Credential owner_;
  const Credential lister_;
  std::mt19937 random_;
  // By the number of the creation.
  std::vector<Done> creations_;
  SoakReport report_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_SOAK_CALLER_H_
