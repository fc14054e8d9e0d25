#include "server/base/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace docspace::gateway {
namespace {

bool WriteAll(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

bool WriteWholeFile(const std::string& path, std::string_view content) {
  std::string unfinished = path + ".XXXXXX";
  // mkostemp opens with O_CREAT and O_EXCL, which follow no link.
  const int file = mkostemp(unfinished.data(), O_CLOEXEC);
  if (file < 0) return false;
  const bool is_written = WriteAll(file, content) && fchmod(file, 0644) == 0;
  const bool is_closed = close(file) == 0;
  if (is_written && is_closed && std::rename(unfinished.c_str(), path.c_str()) == 0) return true;
  unlink(unfinished.c_str());
  return false;
}

}  // namespace docspace::gateway
