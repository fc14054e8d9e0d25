// What the portal's code throws, and its middleware turns into an answer.
#ifndef TESTS_EMULATOR_PORTAL_EXCEPTION_H_
#define TESTS_EMULATOR_PORTAL_EXCEPTION_H_

#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace docspace::emulator {

// Answered as error JSON.
class PortalException : public std::exception {
 public:
  PortalException(int status, std::string type, std::string message, int hresult)
      : status_(status), type_(std::move(type)), message_(std::move(message)), hresult_(hresult) {}

  static PortalException AccessDenied(std::string message = "Access denied") {
    return {403, "System.Security.SecurityException", std::move(message), -2146233078};
  }
  static PortalException NullReference() {
    return {500, "System.NullReferenceException",
            "Object reference not set to an instance of an object.", -2147467261};
  }
  static PortalException Argument(std::string message) {
    return {400, "System.ArgumentException", std::move(message), -2147024809};
  }
  static PortalException ArgumentOutOfRange(std::string message) {
    return {400, "System.ArgumentOutOfRangeException", std::move(message), -2146233086};
  }

  const char* what() const noexcept override { return message_.c_str(); }
  int status() const { return status_; }
  const std::string& type() const { return type_; }
  const std::string& message() const { return message_; }
  int hresult() const { return hresult_; }

 private:
  int status_;
  std::string type_;
  std::string message_;
  int hresult_;
};

// Member of the request → what is wrong with it.
using ValidationErrors = std::map<std::string, std::vector<std::string>>;

// Answered as validation JSON.
class ValidationException : public std::exception {
 public:
  explicit ValidationException(ValidationErrors errors) : errors_(std::move(errors)) {}

  const char* what() const noexcept override { return "One or more validation errors occurred."; }
  const ValidationErrors& errors() const { return errors_; }

 private:
  ValidationErrors errors_;
};

}  // namespace docspace::emulator

#endif  // TESTS_EMULATOR_PORTAL_EXCEPTION_H_
