// What the reflection service answers: the descriptors that are linked into this program.
#ifndef SERVER_REFLECTION_H_
#define SERVER_REFLECTION_H_

#include <string>
#include <vector>

#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace docspace::gateway {

// `services` are the full names of those that are served. What is not known is answered with an
// error response, NOT_FOUND.
grpc::reflection::v1alpha::ServerReflectionResponse Reflect(
    const grpc::reflection::v1alpha::ServerReflectionRequest& request,
    const std::vector<std::string>& services);

}  // namespace docspace::gateway

#endif  // SERVER_REFLECTION_H_
