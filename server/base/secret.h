// A string that must not be printed: a credential.
#ifndef SERVER_BASE_SECRET_H_
#define SERVER_BASE_SECRET_H_

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace docspace::gateway {

// Secret owns the characters, and overwrites them in its destructor. It has no stream operator and
// no implicit conversion: `Reveal` is the only way to the value, and can be searched for.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.Wipe(); }
  Secret& operator=(Secret other) noexcept {
    value_.swap(other.value_);
    return *this;
  }
  ~Secret() { Wipe(); }

  // Returns the value, which lives as long as this object is unchanged. The text ends in a NUL.
  std::string_view Reveal() const { return value_; }

  friend bool operator==(const Secret& a, const Secret& b) { return a.value_ == b.value_; }
  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

 private:
  void Wipe() noexcept;

  std::string value_;
};

}  // namespace docspace::gateway

#endif  // SERVER_BASE_SECRET_H_
