// Prints the manual page of the gateway, from the tables of --help.
#include <iostream>
#include <string>

#include "server/base/version.h"
#include "server/config/render_config.h"
#include "server/config/settings.h"
#include "tools/docs/roff.h"

int main() {
  using docspace::gateway::ActionFlag;
  using docspace::gateway::Setting;
  docspace::ManualPage page("docspace-apikeys-gateway", "8", docspace::gateway::kVersion,
                            "gRPC gateway for the API keys of ONLYOFFICE DocSpace");
  page.Section("SYNOPSIS");
  page.Verbatim(
      "docspace-apikeys-gateway [--SETTING VALUE]...\n"
      "docspace-apikeys-gateway --check-config|--print-config|--health-probe [--SETTING VALUE]...");
  page.Section("DESCRIPTION");
  page.Paragraph(
      "Serves the ApiKeys API of DocSpace portals over gRPC. It translates each RPC to a call of "
      "the portal's REST API, and each outcome to a status of gRPC. Callers bring their own "
      "credentials, which pass through to the portal and are neither stored nor logged.");
  page.Paragraph(
      "A setting is a flag, an environment variable, or a line of the file of --config-file. A "
      "flag takes precedence over a variable, and a variable over the file.");
  page.Section("SETTINGS");
  for (const Setting& setting : docspace::gateway::SettingsTable()) {
    std::string text(setting.help);
    text.append(" The variable is ").append(setting.name.environment).append(".");
    if (!setting.default_value.empty()) {
      text.append(" The default is ").append(setting.default_value).append(".");
    }
    text.append(docspace::gateway::OpenTelemetryNote(setting, ""));
    page.Entry(setting.name.flag, "VALUE", text);
  }
  page.Section("OTHER FLAGS");
  for (const ActionFlag& action : docspace::gateway::ActionFlags()) {
    page.Entry(action.flag, "", action.help);
  }
  page.Section("SIGNALS");
  page.Entry("SIGTERM, SIGINT", "",
             "End the gateway after its calls in flight: see --drain-delay and --drain-grace.");
  page.Entry("SIGHUP", "", "Makes it read the files of certificates and keys again.");
  page.Entry("SIGUSR1, SIGUSR2", "", "Make the log one level more or less verbose.");
  page.Section("EXIT STATUS");
  page.Entry("0", "", "It was asked to end, or the check that a flag requests has succeeded.");
  page.Entry("1", "", "It could not serve, or the check has failed.");
  page.Entry("2", "", "A setting is wrong. The message names it.");
  page.Section("ENVIRONMENT");
  page.Entry("NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID", "",
             "Where and how often systemd expects to be told that the gateway works: see "
             "sd_notify(3) and sd_watchdog_enabled(3).");
  page.Section("FILES");
  page.Entry("/etc/docspace-apikeys-gateway/config.yaml", "",
             "The settings of the systemd service of the Debian package.");
  page.Entry("/etc/docspace-apikeys-gateway/keys/", "",
             "Private files, such as keys of TLS, which systemd gives to that service below "
             "/run/credentials/docspace-apikeys-gateway.service/ with the prefix keys_.");
  page.Section("SEE ALSO");
  page.Paragraph("docspace-keys(1), systemd.exec(5)");
  std::cout << page.text();
}
