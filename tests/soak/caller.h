// One caller of the soak test and its checks of each response.
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

// `Caller` creates, reads, changes and deletes keys, one call after the other, and counts into its
// own report. Must be used on one thread.
class Caller {
 public:
  Caller(std::size_t number, apikeys::v1::ApiKeys::StubInterface& stub, emulator::Emulator& portal,
         unsigned seed);

  void Run(const std::stop_token& stop);

  // Compares the results of the calls with what the portal did. Call it once the portal has no
  // calls in flight.
  void Audit();

  const SoakReport& report() const { return report_; }

 private:
  using Credential = std::pair<std::string, std::string>;
  using Stub = apikeys::v1::ApiKeys::StubInterface;

  // Whether a write was applied, according to its result.
  enum class Done : std::uint8_t { kYes, kNo, kMaybe };

  struct Key {
    std::string id;
    Credential secret;
    // `name` is the latest name that was certainly set. `possible_names` are those of changes with
    // an unknown outcome, which may still be in flight and be applied after a later one.
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
  // Returns whether a read succeeded. If it failed, checks that the error is a permitted one.
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
  // Indexed by the number of the creation.
  std::vector<Done> creations_;
  SoakReport report_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_SOAK_CALLER_H_
