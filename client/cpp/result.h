// A value, or an error in place of it.
#ifndef CLIENT_CPP_RESULT_H_
#define CLIENT_CPP_RESULT_H_

#include <utility>
#include <variant>

#include "client/cpp/error.h"

namespace docspace::apikeys {

// Result holds one of both. Check `ok` first: the value of a failure and the error of a success
// throw std::bad_variant_access.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : outcome_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(*-explicit-*)
  Result(ApiKeysError error)                                               // NOLINT(*-explicit-*)
      : outcome_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return outcome_.index() == 0; }

  const T& operator*() const& { return std::get<0>(outcome_); }
  T&& operator*() && { return std::get<0>(std::move(outcome_)); }
  const T* operator->() const { return &std::get<0>(outcome_); }
  const ApiKeysError& error() const { return std::get<1>(outcome_); }

 private:
  std::variant<T, ApiKeysError> outcome_;
};

}  // namespace docspace::apikeys

#endif  // CLIENT_CPP_RESULT_H_
