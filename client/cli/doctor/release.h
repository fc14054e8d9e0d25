// The releases of the portal that match observations of its behaviour.
#ifndef CLIENT_CLI_DOCTOR_RELEASE_H_
#define CLIENT_CLI_DOCTOR_RELEASE_H_

#include <string>
#include <vector>

namespace docspace::apikeys::cli {

// Releases is a set of generations of releases, with the names that docs/doctor.md explains.
class Releases {
 public:
  static constexpr Releases None() { return Releases(0); }
  // 3.1.0
  static constexpr Releases V31() { return Releases(1); }
  // 3.1.1 to 3.6.1
  static constexpr Releases V32() { return Releases(2); }
  // 3.7.1, 3.7.2
  static constexpr Releases V37() { return Releases(4); }
  // Releases after 3.7.
  static constexpr Releases Next() { return Releases(8); }
  static constexpr Releases All() { return Releases(15); }

  friend constexpr Releases operator|(Releases one, Releases other) {
    return Releases(one.bits_ | other.bits_);
  }
  friend constexpr Releases operator&(Releases one, Releases other) {
    return Releases(one.bits_ & other.bits_);
  }
  friend constexpr bool operator==(Releases, Releases) = default;

  // Returns "3.7", or "3.7 or next", or "none".
  std::string Names() const;

 private:
  explicit constexpr Releases(unsigned bits) : bits_(bits) {}

  unsigned bits_;
};

// Sign is an observation, and the releases that behave in this way.
struct Sign {
  std::string what;
  Releases releases;
};

// Returns the releases that fit all signs; none if the signs contradict each other.
Releases Fitting(const std::vector<Sign>& signs);

}  // namespace docspace::apikeys::cli

#endif  // CLIENT_CLI_DOCTOR_RELEASE_H_
