// What the reflection service answers: descriptors of the services that are served.
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

// Everything that may be asked for is looked up once, at construction. Protobuf's own look-up takes
// time that grows with the square of the length of a name that it does not know: 64 kB of dots took
// a second. Thread-safe.
class Reflection {
 public:
  // `services` are the full names of those that are served, which are linked into the program.
  explicit Reflection(const std::vector<std::string>& services);

  // Unknown names, and those of more than 256 bytes, are answered with an error response,
  // NOT_FOUND.
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
  // Of each file that a service needs: itself and all that it needs.
  std::map<std::string, Files> files_;
  absl::flat_hash_map<std::string, const Files*> symbols_;
  // By extended type and number.
  std::map<Extension, const Files*> extensions_;
  absl::flat_hash_map<std::string, std::set<int>> extension_numbers_;
};

}  // namespace docspace::gateway

#endif  // SERVER_RPC_REFLECTION_H_
