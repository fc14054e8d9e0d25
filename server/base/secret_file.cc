#include "server/base/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "server/base/file_descriptor.h"

namespace docspace::gateway {

std::optional<Secret> ReadSecretFile(const std::string& path, std::size_t max_bytes) {
  // O_NONBLOCK lets open() return at once for a FIFO without a writer, which is refused below.
  const int opened = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) return std::nullopt;
  const FileDescriptor file(opened);
  struct stat status {};
  if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size > static_cast<off_t>(max_bytes)) {
    return std::nullopt;
  }
  // read() is used instead of a stream, whose buffer would keep a copy of a key. The text has room
  // for one byte more than the file, which reveals a file that grows.
  std::string text(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(file.get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
  }
  const bool is_whole = size == text.size() - 1;
  text.resize(size);
  Secret content(std::move(text));
  if (!is_whole) return std::nullopt;
  return content;
}

}  // namespace docspace::gateway
