#include "client/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "client/cli/exit_code.h"
#include "client/cli/keep_footer_lines.h"
#include "client/cli/terminal_text.h"
#include "client/cli/usage_error.h"
#include "client/cpp/target.h"

namespace docspace::apikeys::cli {
namespace {

constexpr const char* kName = "docspace-keys";
constexpr const char* kDescription = "Manages the API keys of an ONLYOFFICE DocSpace portal.";
constexpr const char* kMoreHelp =
    "\nConnection, credential and output: see docspace-keys --help; those options may stand before "
    "or after the command.\n";
constexpr double kLongestTimeout = 24 * 60 * 60;

// The variables that CLI11 sets.
struct Values {
  std::string target;
  bool tls = false;
  bool plaintext = false;
  bool allow_remote_plaintext = false;
  std::string ca_file;
  std::string certificate_file;
  std::string private_key_file;
  std::string portal;
  double timeout_seconds = 30;
  std::string output = "table";
  CredentialFlags credential;

  std::string name;
  std::vector<std::string> permissions;
  std::int32_t expires_in_days = 0;
  std::string fields;
  std::string key_id;
  bool all_permissions = false;
  std::string secret_file;
  bool activate = false;
  bool deactivate = false;
  bool yes = false;
};

struct Commands {
  CLI::App* create;
  CLI::App* list;
  CLI::App* self;
  CLI::App* update;
  CLI::App* remove;
  CLI::App* permissions;
  CLI::App* doctor;
};

CLI::App* AddCommand(CLI::App& app, const char* name, const char* description,
                     const std::string& examples) {
  CLI::App* command = app.add_subcommand(name, description);
  command->footer("Examples:\n" + examples + kMoreHelp);
  return command;
}

void AddPermissions(CLI::App* command, Values& values, const char* description) {
  command->add_option("--permission", values.permissions, description)
      ->type_name("PERMISSION")
      ->allow_extra_args(false);
}

void AddFields(CLI::App* command, Values& values) {
  command
      ->add_option("--fields", values.fields,
                   "The members to return, by their REST names: id,name,createBy.displayName")
      ->type_name("NAMES");
}

void AddKeyId(CLI::App* command, Values& values) {
  command->add_option("KEY_ID", values.key_id, "The key's id: a GUID, as list shows it")
      ->required();
}

Commands AddCommands(CLI::App& app, Values& values) {
  Commands commands{};
  commands.create =
      AddCommand(app, "create", "Create a key and show its secret, which is shown only this once",
                 "  docspace-keys create --name CI --permission files:read --expires-in-days 30\n"
                 "  docspace-keys create --name Backup --permission files:read --secret-file key\n"
                 "  docspace-keys create --name Admin --all-permissions --secret-file key\n");
  commands.create->add_option("--name", values.name, "The key's name, 1 to 30 characters")
      ->required();
  AddPermissions(commands.create, values,
                 "A permission of the key; repeatable. Without any, the key has all rights of its "
                 "owner, after consent");
  commands.create
      ->add_flag("--all-permissions", values.all_permissions,
                 "Give the key all rights of its owner; needed without --permission if there is no "
                 "terminal")
      ->excludes(commands.create->get_option("--permission"));
  commands.create
      ->add_option("--expires-in-days", values.expires_in_days,
                   "Days until the key expires, 1 to 365. Without it the key never expires")
      ->type_name("DAYS");
  commands.create
      ->add_option(
          "--secret-file", values.secret_file,
          "Write the secret into this new file, which only you can read, and show it masked")
      ->type_name("PATH");

  commands.list = AddCommand(app, "list", "List the keys",
                             "  docspace-keys list\n"
                             "  docspace-keys list --fields id,name,expiresAt\n"
                             "  docspace-keys list --output json | jq -r '.response[].id'\n");
  AddFields(commands.list, values);

  commands.self = AddCommand(app, "self", "Show the key that authenticates this call",
                             "  docspace-keys self\n"
                             "  docspace-keys self --fields name,permissions --output json\n");
  AddFields(commands.self, values);

  commands.update =
      AddCommand(app, "update", "Change a key; settings that are not given stay unchanged",
                 "  docspace-keys update 3fa85f64-5717-4562-b3fc-2c963f66afa6 --name Nightly\n"
                 "  docspace-keys update 3fa85f64-5717-4562-b3fc-2c963f66afa6 --deactivate\n"
                 "  docspace-keys update 3fa85f64-5717-4562-b3fc-2c963f66afa6 \\\n"
                 "      --permission files:read --permission rooms:read\n");
  AddKeyId(commands.update, values);
  commands.update->add_option("--name", values.name, "The new name, at most 30 characters");
  AddPermissions(commands.update, values,
                 "A new permission of the key; repeatable. They replace the previous ones");
  CLI::Option* all =
      commands.update->add_flag("--all-permissions", values.all_permissions,
                                "Remove every restriction: give the key all rights of its owner");
  all->excludes(commands.update->get_option("--permission"));
  CLI::Option* activate =
      commands.update->add_flag("--activate", values.activate, "Let the key authenticate calls");
  commands.update
      ->add_flag("--deactivate", values.deactivate, "Stop the key from authenticating calls")
      ->excludes(activate);

  commands.remove =
      AddCommand(app, "delete", "Delete a key, for good",
                 "  docspace-keys delete 3fa85f64-5717-4562-b3fc-2c963f66afa6\n"
                 "  docspace-keys delete --yes 3fa85f64-5717-4562-b3fc-2c963f66afa6\n");
  AddKeyId(commands.remove, values);
  commands.remove->add_flag("--yes", values.yes,
                            "Do not ask for consent; needed if there is no terminal");

  commands.permissions =
      AddCommand(app, "permissions", "List the permissions that a key may be given",
                 "  docspace-keys permissions\n"
                 "  docspace-keys permissions --output json\n");

  commands.doctor = AddCommand(
      app, "doctor", "Check that the portal behaves as expected, with a key that is deleted again",
      "  docspace-keys doctor\n"
      "  docspace-keys doctor --output json | jq -r .release\n"
      "\nIt creates one key that may only read files and expires after a day, changes it, and\n"
      "deletes it, also when it is interrupted. It does not start if it could not delete the key.\n"
      "--timeout is for each call. docs/doctor.md describes the report.\n"
      "\nExit codes: 0 no difference; 1 a difference; 8 a check was not made; 9 a key may be "
      "left;\n"
      "128 and the number of the signal that stopped it; before it starts, that of the error.\n");
  return commands;
}

void AddSharedOptions(CLI::App& app, Values& values) {
  app.add_option("--target", values.target, "The gateway. The default is DOCSPACE_KEYS_TARGET")
      ->type_name("HOST:PORT");
  CLI::Option* plaintext = app.add_flag("--plaintext", values.plaintext,
                                        "Do not encrypt; only for a gateway on this machine");
  app.add_flag("--allow-remote-plaintext", values.allow_remote_plaintext,
               "Allow --plaintext to other machines, in a network that encrypts")
      ->needs(plaintext);
  app.add_flag("--tls", values.tls, "Encrypt and verify the gateway's certificate (default)")
      ->excludes(plaintext);
  app.add_option("--ca-file", values.ca_file,
                 "Trust these authorities, in PEM, instead of the system's")
      ->type_name("PATH")
      ->excludes(plaintext);
  CLI::Option* certificate =
      app.add_option("--certificate-file", values.certificate_file,
                     "Present this certificate chain, in PEM, to a gateway that asks for one");
  CLI::Option* private_key = app.add_option("--private-key-file", values.private_key_file,
                                            "The key of that certificate, in PEM");
  certificate->type_name("PATH")->excludes(plaintext)->needs(private_key);
  private_key->type_name("PATH")->excludes(plaintext)->needs(certificate);
  app.add_option("--portal", values.portal,
                 "The portal, by its name at the gateway, or $DOCSPACE_KEYS_PORTAL")
      ->type_name("NAME");
  app.add_option("--timeout", values.timeout_seconds,
                 "Seconds for the whole command, including retries")
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_option("--output", values.output, "table or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  CLI::Option* file = app.add_option("--credential-file", values.credential.file,
                                     "Read the credential from this file");
  file->type_name("PATH");
  app.add_option("--credential-fd", values.credential.fd,
                 "Read the credential from this open file descriptor")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--credential-scheme", values.credential.scheme,
                 "The kind of that credential: basic, bearer, oauth2, openid, api-key or session")
      ->type_name("SCHEME")
      ->check(CLI::IsMember(std::vector<std::string>(kSchemes.begin(), kSchemes.end())));
}

// Returns a message that names a surplus argument only if it is certainly the name of an option,
// because it may be a credential in the wrong place.
std::string DescribeExtra(const std::vector<std::string>& extras) {
  for (const std::string& extra : extras) {
    const std::string name = extra.substr(0, extra.find('='));
    const bool is_plain = std::all_of(name.begin(), name.end(), [](unsigned char character) {
      return character == '-' || (character >= 'a' && character <= 'z');
    });
    if (is_plain && name.starts_with("--")) return "unexpected argument: " + name;
  }
  return "unexpected argument";
}

// Returns a message with the name of the option, with which CLI11's message begins. The rest of
// CLI11's message repeats the value, which may be a credential that was given to the wrong option.
std::string DescribeValue(const CLI::App& app, const std::string& message) {
  const std::size_t begin = message.find("--");
  const std::size_t end = message.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", begin);
  const std::string name = begin == std::string::npos ? "" : message.substr(begin, end - begin);
  std::vector<const CLI::App*> apps = app.get_subcommands([](const CLI::App*) { return true; });
  apps.push_back(&app);
  for (const CLI::App* each : apps) {
    const CLI::Option* option = each->get_option_no_throw(name);
    if (option == nullptr) continue;
    return name + " does not accept this value. It is: " + option->get_description();
  }
  return "an option does not accept its value";
}

std::string ReadFile(const std::string& setting, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content(std::istreambuf_iterator<char>(file), {});
  if (!file || content.empty()) throw UsageError("cannot read the file of " + setting);
  return content;
}

std::chrono::nanoseconds TimeoutOf(const Values& values) {
  const double seconds = values.timeout_seconds;
  if (!std::isfinite(seconds) || seconds <= 0 || seconds > kLongestTimeout) {
    throw UsageError("--timeout must be more than 0 and at most 86400 seconds");
  }
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

Transport TransportOf(const Values& values, const std::string& target) {
  if (values.plaintext) {
    if (!values.allow_remote_plaintext && !IsLoopback(target)) {
      throw UsageError(
          "--plaintext would show the credential to other machines: leave it, or add "
          "--allow-remote-plaintext in a network that encrypts");
    }
    return Plaintext{.allow_remote_plaintext = values.allow_remote_plaintext};
  }
  Tls tls;
  if (!values.ca_file.empty()) tls.ca_pem = ReadFile("--ca-file", values.ca_file);
  if (!values.certificate_file.empty()) {
    tls.certificate_pem = ReadFile("--certificate-file", values.certificate_file);
    tls.private_key_pem = Secret(ReadFile("--private-key-file", values.private_key_file));
  }
  return tls;
}

std::string KeyIdOf(const Values& values) {
  if (values.key_id.starts_with("sk-")) {
    throw UsageError("KEY_ID is the key's id, a GUID as list shows it, and not its secret");
  }
  return values.key_id;
}

v1::CreateApiKeyRequest CreateRequest(const CLI::App& command, const Values& values) {
  v1::CreateApiKeyRequest request;
  request.set_name(values.name);
  *request.mutable_permissions() = {values.permissions.begin(), values.permissions.end()};
  if (values.all_permissions) request.add_permissions("*");
  if (command.count("--expires-in-days") != 0) {
    request.set_expires_in_days(values.expires_in_days);
  }
  return request;
}

v1::UpdateApiKeyRequest UpdateRequest(const CLI::App& command, const Values& values) {
  v1::UpdateApiKeyRequest request;
  request.set_key_id(KeyIdOf(values));
  if (command.count("--name") != 0) {
    // The portal interprets an empty name as "unchanged", which a user who gives one does not mean.
    if (values.name.empty()) throw UsageError("--name must not be empty");
    request.set_name(values.name);
  }
  *request.mutable_permissions() = {values.permissions.begin(), values.permissions.end()};
  if (values.all_permissions) request.add_permissions("*");
  if (values.activate || values.deactivate) request.set_is_active(values.activate);
  if (!request.has_name() && request.permissions().empty() && !request.has_is_active()) {
    throw UsageError(
        "nothing to change: give --name, --permission, --all-permissions, --activate or "
        "--deactivate");
  }
  return request;
}

template <typename FieldsRequest>
FieldsRequest RequestWithFields(const CLI::App& command, const Values& values) {
  FieldsRequest request;
  if (command.count("--fields") != 0) request.set_fields(values.fields);
  return request;
}

Request RequestOf(const Commands& commands, const Values& values) {
  if (commands.create->parsed()) return CreateRequest(*commands.create, values);
  if (commands.list->parsed()) {
    return RequestWithFields<v1::GetApiKeysRequest>(*commands.list, values);
  }
  if (commands.self->parsed()) {
    return RequestWithFields<v1::GetApiKeyRequest>(*commands.self, values);
  }
  if (commands.update->parsed()) return UpdateRequest(*commands.update, values);
  if (commands.remove->parsed()) {
    v1::DeleteApiKeyRequest request;
    request.set_key_id(KeyIdOf(values));
    return request;
  }
  return v1::GetAllPermissionsRequest{};
}

// Adds all that the tool accepts to `app`. `values` must outlive it.
Commands AddAll(CLI::App& app, Values& values) {
  app.set_version_flag("--version", std::string(kVersion), "Print the version and exit");
  app.require_subcommand(1);
  app.fallthrough();
  KeepFooterLines(*app.get_formatter());
  app.footer(std::string(kCredentialHelp) + "\n" + std::string(kExitCodeHelp) +
             "\nExamples:\n"
             "  export DOCSPACE_KEYS_TARGET=gateway.example.com:443\n"
             "  docspace-keys list --credential-file ~/.docspace-key --credential-scheme api-key\n"
             "  docspace-keys create --name CI --permission files:read\n"
             "\nEach command has examples of its own: docspace-keys COMMAND --help\n");
  AddSharedOptions(app, values);
  return AddCommands(app, values);
}

// Returns what the option's value is checked by, such as "{table,json}"; empty if by nothing.
std::string CheckOf(CLI::Option& option) {
  try {
    return option.get_validator(0)->get_description();
  } catch (const CLI::OptionNotFound&) {
    return "";
  }
}

OptionDescription Describe(CLI::Option& option) {
  OptionDescription description{.name = option.get_name(),
                                .value_name = option.get_type_name(),
                                .choices = {},
                                .default_value = option.get_default_str(),
                                .help = option.get_description(),
                                .is_repeatable = option.get_items_expected_max() > 1};
  const std::string check = CheckOf(option);
  if (check.empty()) return description;
  // CLI11 writes the check behind the name: "FORMAT:{table,json}".
  description.value_name.resize(description.value_name.size() - check.size() - 1);
  if (!check.starts_with('{')) return description;
  description.choices = CLI::detail::split(check.substr(1, check.size() - 2), ',');
  return description;
}

CommandDescription Describe(CLI::App& app) {
  CommandDescription description{.name = app.get_name(),
                                 .help = app.get_description(),
                                 .options = {},
                                 .more = app.get_footer(),
                                 .commands = {}};
  for (CLI::Option* option : app.get_options()) {
    description.options.push_back(Describe(*option));
  }
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    description.commands.push_back(Describe(*command));
  }
  return description;
}

}  // namespace

CommandDescription DescribeCommandLine() {
  Values values;
  CLI::App app(kDescription, kName);
  AddAll(app, values);
  return Describe(app);
}

std::variant<CommandLine, Help> ParseCommandLine(const std::vector<std::string>& arguments,
                                                 const Variables& variables) {
  if (!std::all_of(arguments.begin(), arguments.end(), IsUtf8)) {
    throw UsageError("an argument is not UTF-8");
  }
  Values values;
  CLI::App app(kDescription, kName);
  const Commands commands = AddAll(app, values);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return Help{app.help()};
  } catch (const CLI::CallForVersion&) {
    return Help{std::string(kVersion) + "\n"};
  } catch (const CLI::ExtrasError&) {
    throw UsageError(DescribeExtra(app.remaining(true)) +
                     "; a credential is never taken from the command line");
  } catch (const CLI::RequiredError& error) {
    if (app.get_subcommands().empty()) {
      throw UsageError(
          "no command: give create, list, self, update, delete, permissions or doctor");
    }
    throw UsageError(error.what());
  } catch (const CLI::ConversionError& error) {
    throw UsageError(DescribeValue(app, error.what()));
  } catch (const CLI::ValidationError& error) {
    throw UsageError(DescribeValue(app, error.what()));
  } catch (const CLI::ParseError& error) {
    throw UsageError(Escape(error.what()));
  }
  CommandLine line;
  line.target =
      values.target.empty() ? std::string(variables("DOCSPACE_KEYS_TARGET")) : values.target;
  if (line.target.empty()) {
    throw UsageError("no gateway: give --target host:port or set DOCSPACE_KEYS_TARGET");
  }
  if (!IsTarget(line.target)) {
    throw UsageError(
        "--target (or DOCSPACE_KEYS_TARGET) must be host:port, without https:// and without a "
        "path");
  }
  line.transport = TransportOf(values, line.target);
  line.proxy = ProxyFor(line.target, variables);
  line.portal =
      values.portal.empty() ? std::string(variables("DOCSPACE_KEYS_PORTAL")) : values.portal;
  line.timeout = TimeoutOf(values);
  line.output = values.output == "json" ? OutputFormat::kJson : OutputFormat::kTable;
  line.credential = values.credential;
  line.confirmed = values.yes;
  line.secret_file = values.secret_file;
  line.examines = commands.doctor->parsed();
  line.request = RequestOf(commands, values);
  return line;
}

}  // namespace docspace::apikeys::cli
