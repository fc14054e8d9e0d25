#include "tests/emulator/credentials_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace docspace::emulator {
namespace {

using Fields = std::array<std::pair<std::string_view, std::string>, 8>;

Fields FieldsOf(const SeededUser& user) {
  return {{{"EMAIL", user.email},
           {"PASSWORD", user.password},
           {"BASIC", user.Basic()},
           {"SESSION_TOKEN", user.session_token},
           {"OAUTH2_TOKEN", user.oauth2_token},
           {"OPENID_TOKEN", user.open_id_token},
           {"API_KEY", user.api_key},
           {"API_KEY_ID", user.api_key_id}}};
}

std::string_view ShellName(Role role) {
  switch (role) {
    case Role::kOwner:
      return "OWNER";
    case Role::kDocSpaceAdmin:
      return "DOCSPACE_ADMIN";
    case Role::kRoomAdmin:
      return "ROOM_ADMIN";
    case Role::kUser:
      return "USER";
    case Role::kGuest:
      return "GUEST";
  }
  return "";
}

std::string ShellAssignment(const std::string& name, std::string_view value) {
  return name + "='" + std::string(value) + "'\n";
}

[[noreturn]] void FailOn(const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace

std::string CredentialsTable(std::string_view url, const std::vector<SeededUser>& users) {
  std::string table = "DocSpace emulator at " + std::string(url) + "\n";
  for (const SeededUser& user : users) {
    table += "\n" + std::string(ToString(user.role)) + ": " + user.display_name + "\n";
    for (const auto& [name, value] : FieldsOf(user)) {
      if (value.empty()) continue;
      table += "  " + std::string(name) + std::string(15 - name.size(), ' ') + value + "\n";
    }
  }
  return table;
}

std::string CredentialsScript(std::string_view url, const std::vector<SeededUser>& users) {
  std::string script = ShellAssignment("EMULATOR_URL", url);
  for (const SeededUser& user : users) {
    for (const auto& [name, value] : FieldsOf(user)) {
      script += ShellAssignment(
          "EMULATOR_" + std::string(ShellName(user.role)) + "_" + std::string(name), value);
    }
  }
  return script;
}

void WriteFile(const std::filesystem::path& path, std::string_view content, unsigned mode) {
  const std::filesystem::path partial = path.string() + ".partial";
  std::filesystem::remove(partial);
  const int file = open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) FailOn(partial);
  const bool is_written =
      write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  if (close(file) != 0 || !is_written) FailOn(partial);
  std::filesystem::rename(partial, path);
}

}  // namespace docspace::emulator
