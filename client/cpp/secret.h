// A string that must not be printed: a credential, or the secret of a new key.
#ifndef CLIENT_CPP_SECRET_H_
#define CLIENT_CPP_SECRET_H_

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace docspace::apikeys {

// Secret owns the characters, and overwrites them in its destructor. It has no stream operator and
// no implicit conversion: `Reveal` is the only way to the value, and can be searched for.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) noexcept : value_(std::move(value)) { Wipe(value); }
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { Wipe(other.value_); }
  Secret& operator=(Secret other) noexcept {
    value_.swap(other.value_);
    return *this;
  }
  ~Secret() { Wipe(value_); }

  const std::string& Reveal() const { return value_; }

  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

 private:
  static void Wipe(std::string& value) noexcept;

  std::string value_;
};

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_SECRET_H_
