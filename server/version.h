// The gateway's version.
#ifndef SERVER_VERSION_H_
#define SERVER_VERSION_H_

#include <string_view>

namespace docspace::gateway {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace docspace::gateway

#endif  // SERVER_VERSION_H_
