// The limit on the file descriptors of this process.
#ifndef SERVER_BASE_DESCRIPTOR_LIMIT_H_
#define SERVER_BASE_DESCRIPTOR_LIMIT_H_

#include <sys/resource.h>

namespace docspace::gateway {

// Raises the limit to the maximum that the system allows. Each connection takes a descriptor, and
// the default limit is for programs that use select().
inline void AllowManyDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace docspace::gateway

#endif  // SERVER_BASE_DESCRIPTOR_LIMIT_H_
