// Reads files that may hold secrets.
#ifndef SERVER_BASE_SECRET_FILE_H_
#define SERVER_BASE_SECRET_FILE_H_

#include <cstddef>
#include <optional>
#include <string>

#include "server/base/secret.h"

namespace docspace::gateway {

// Returns the content of the file at `path`, or nothing if it cannot be read, is no regular file or
// has more than `max_bytes`. No copy of the content is left in memory. Blocks on file I/O, but does
// not wait for the writer of a FIFO.
std::optional<Secret> ReadSecretFile(const std::string& path, std::size_t max_bytes);

}  // namespace docspace::gateway

#endif  // SERVER_BASE_SECRET_FILE_H_
