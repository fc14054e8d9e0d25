#include "client/cli/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "client/cli/usage_error.h"

namespace docspace::apikeys::cli {
namespace {

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

SecretFile::SecretFile(std::string path)
    : path_(std::move(path)),
      // O_EXCL follows no symbolic link.
      fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)) {
  if (fd_ < 0) {
    throw UsageError(std::string("--secret-file: the file cannot be made: ") +
                     std::strerror(errno));
  }
}

SecretFile::~SecretFile() {
  ::close(fd_);
  if (!written_) ::unlink(path_.c_str());
}

bool SecretFile::Write(const Secret& secret) {
  written_ = WriteAll(fd_, secret.Reveal()) && WriteAll(fd_, "\n") && ::fsync(fd_) == 0;
  return written_;
}

}  // namespace docspace::apikeys::cli
