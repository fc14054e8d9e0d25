// How many file descriptors this process may have.
#ifndef SERVER_BASE_DESCRIPTOR_LIMIT_H_
#define SERVER_BASE_DESCRIPTOR_LIMIT_H_

#include <sys/resource.h>

namespace docspace::gateway {

// As many as the system allows: each connection takes a descriptor, and the limit that a shell sets
// is for programs that select().
inline void AllowManyDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace docspace::gateway

#endif  // SERVER_BASE_DESCRIPTOR_LIMIT_H_
