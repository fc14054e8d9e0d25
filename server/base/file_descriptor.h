// A file descriptor that is closed by its destructor.
#ifndef SERVER_BASE_FILE_DESCRIPTOR_H_
#define SERVER_BASE_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace docspace::gateway {

// FileDescriptor owns a descriptor.
class FileDescriptor {
 public:
  // Takes the result of a system call. Throws std::system_error with `errno` if it is negative.
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {
    if (descriptor < 0) throw std::system_error(errno, std::generic_category());
  }
  FileDescriptor(FileDescriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  int get() const { return descriptor_; }
  // Passes the descriptor to the caller, who must close it.
  int Release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

}  // namespace docspace::gateway

#endif  // SERVER_BASE_FILE_DESCRIPTOR_H_
