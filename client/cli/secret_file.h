// A file for the secret of a new key.
#ifndef CLIENT_CLI_SECRET_FILE_H_
#define CLIENT_CLI_SECRET_FILE_H_

#include <string>

#include "client/cpp/secret.h"

namespace docspace::apikeys::cli {

// SecretFile makes its file before the key exists, so that no secret is lost because its file
// cannot be made. The destructor removes the file unless a secret has been written.
class SecretFile {
 public:
  // Makes a new file that only its owner can read. Throws UsageError if that is not possible, or if
  // a file of this name exists.
  explicit SecretFile(std::string path);
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;
  ~SecretFile();

  // Writes the secret and a line break to the disk. Returns whether that succeeded. Must be called
  // at most once.
  bool Write(const Secret& secret);

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int fd_;
  bool written_ = false;
};

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_SECRET_FILE_H_
