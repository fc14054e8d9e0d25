// The gateway's version, which --version and the metrics show.
#ifndef SERVER_BASE_VERSION_H_
#define SERVER_BASE_VERSION_H_

#include <string_view>

namespace docspace::gateway {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace docspace::gateway

#endif  // SERVER_BASE_VERSION_H_
