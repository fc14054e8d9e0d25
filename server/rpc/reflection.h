// The responses of the reflection service: descriptors of the services that are served.
#ifndef SERVER_RPC_REFLECTION_H_
#define SERVER_RPC_REFLECTION_H_

#include <google/protobuf/descriptor.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace docspace::gateway {

// Reflection looks up all descriptors that may be requested once, at construction. Protobuf's own
// look-up of an unknown name takes time that grows with the square of its length: 64 kB of dots
// took a second. Thread-safe.
class Reflection {
 public:
  // `services` are the full names of the served services, which must be linked into the program.
  explicit Reflection(const std::vector<std::string>& services);

  // Returns the response to a request. For unknown names, and for names of more than 256 bytes, it
  // is an error response, NOT_FOUND.
  grpc::reflection::v1alpha::ServerReflectionResponse Answer(
      const grpc::reflection::v1alpha::ServerReflectionRequest& request) const;

 private:
  using Files = grpc::reflection::v1alpha::FileDescriptorResponse;
  using Extension = std::pair<std::string, int>;

  void Add(const google::protobuf::FileDescriptor& file);
  void AddMessage(const google::protobuf::Descriptor& message, const Files& files);
  void AddEnum(const google::protobuf::EnumDescriptor& names, const Files& files);
  void AddExtension(const google::protobuf::FieldDescriptor& extension, const Files& files);

  const std::vector<std::string> services_;
  // For each file: the file itself and all files that it needs.
  std::map<std::string, Files> files_;
  absl::flat_hash_map<std::string, const Files*> symbols_;
  // The keys are the extended type and the number.
  std::map<Extension, const Files*> extensions_;
  absl::flat_hash_map<std::string, std::set<int>> extension_numbers_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_REFLECTION_H_
