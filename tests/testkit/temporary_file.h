// A temporary file that its destructor removes.
#ifndef TESTS_TESTKIT_TEMPORARY_FILE_H_
#define TESTS_TESTKIT_TEMPORARY_FILE_H_

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace docspace::gateway::testkit {

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content, mode_t mode = 0600) {
    const char* folder = std::getenv("TEST_TMPDIR");
    path_ = std::string(folder == nullptr ? "/tmp" : folder) + "/file-XXXXXX";
    const int fd = ::mkstemp(path_.data());
    if (fd < 0) throw std::runtime_error("no temporary file");
    const bool written =
        ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
        ::fchmod(fd, mode) == 0;
    ::close(fd);
    if (!written) throw std::runtime_error("the temporary file cannot be written");
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { ::unlink(path_.c_str()); }

  const std::string& path() const { return path_; }

  // Replaces the content atomically: a concurrent reader gets either the old content or the new.
  void Replace(std::string_view content) {
    const std::string next = path_ + ".next";
    std::ofstream(next) << content;
    if (std::rename(next.c_str(), path_.c_str()) != 0) {
      throw std::runtime_error("the temporary file cannot be replaced");
    }
  }

 private:
  std::string path_;
};

}  // namespace docspace::gateway::testkit

#endif  // TESTS_TESTKIT_TEMPORARY_FILE_H_
