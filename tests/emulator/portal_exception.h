// Exceptions of the portal's code, which its middleware turns into responses.
#ifndef TESTS_EMULATOR_PORTAL_EXCEPTION_H_
#define TESTS_EMULATOR_PORTAL_EXCEPTION_H_

#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace docspace::emulator {

// `PortalException` becomes error JSON.
class PortalException : public std::exception {
 public:
  // `type` is absent if the portal responds without a trace: `type` and `stack` are then null, and
  // `hresult` is 0.
  PortalException(int status, std::optional<std::string> type, std::string message, int hresult)
      : status_(status),
        type_(std::move(type)),
        message_(std::move(message)),
        hresult_(type_ ? hresult : 0) {}

  static PortalException AccessDenied() {
    return {403, "System.Security.SecurityException", "Access denied", -2146233078};
  }
  // Releases before 3.7 refuse access with this exception.
  static PortalException UnauthorizedAccess() {
    return {500, "System.UnauthorizedAccessException", "Access denied", -2147024891};
  }
  static PortalException RefusedGuest() {
    return {403, std::nullopt, "This operation is not available to guests", 0};
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
  // A failure of the portal, in spite of its status.
  static PortalException InvalidOperation(std::string message) {
    return {403, "System.InvalidOperationException", std::move(message), -2146233079};
  }
  static PortalException BadBasicCredentials() {
    return {500, "System.FormatException", "The input is not a valid Base-64 string.", -2146233033};
  }
  static PortalException MalformedToken() {
    return {400, "Microsoft.IdentityModel.Tokens.SecurityTokenMalformedException",
            "IDX12741: JWT must have three segments (JWS) or five segments (JWE).", -2146233088};
  }
  static PortalException UnknownTenant() {
    return {500, "System.Exception", "Could not resolve current tenant :-(.", -2146233088};
  }
  static PortalException DatabaseUpdate() {
    return {500, "Microsoft.EntityFrameworkCore.DbUpdateException",
            "An error occurred while saving the entity changes.", -2146233088};
  }

  const char* what() const noexcept override { return message_.c_str(); }
  int status() const { return status_; }
  const std::optional<std::string>& type() const { return type_; }
  const std::string& message() const { return message_; }
  int hresult() const { return hresult_; }

 private:
  int status_;
  std::optional<std::string> type_;
  std::string message_;
  int hresult_;
};

// Maps a member of the request to its errors.
using ValidationErrors = std::map<std::string, std::vector<std::string>>;

// `ValidationException` becomes validation JSON.
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
