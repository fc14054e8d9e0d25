// Writes files in such a way that readers see them whole or not at all.
#ifndef SERVER_BASE_WHOLE_FILE_H_
#define SERVER_BASE_WHOLE_FILE_H_

#include <string>
#include <string_view>

namespace docspace::gateway {

// Writes `content` to a new file beside `path`, and then renames it to `path`, so that a reader
// sees the whole file or none. Everyone may read it. A symbolic link at `path` is replaced and not
// followed, and the new file has a random name, so that no other user can have created it before.
// Returns false if the file cannot be written; then nothing is left behind.
bool WriteWholeFile(const std::string& path, std::string_view content);

}  // namespace docspace::gateway

#endif  // SERVER_BASE_WHOLE_FILE_H_
