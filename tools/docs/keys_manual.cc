// Prints the manual page of docspace-keys, from the tables of --help.
#include <iostream>
#include <string>

#include "client/cli/command_line.h"
#include "tools/docs/roff.h"

namespace {

using docspace::apikeys::cli::CommandDescription;
using docspace::apikeys::cli::OptionDescription;

void AddOptions(docspace::ManualPage& page, const CommandDescription& command) {
  for (const OptionDescription& option : command.options) {
    std::string text = option.help + ".";
    if (!option.default_value.empty()) text += " The default is " + option.default_value + ".";
    page.Entry(option.name, option.name.starts_with('-') ? option.value_name : "", text);
  }
}

}  // namespace

int main() {
  const CommandDescription tool = docspace::apikeys::cli::DescribeCommandLine();
  docspace::ManualPage page(tool.name, "1", docspace::apikeys::cli::kVersion,
                            "manage the API keys of an ONLYOFFICE DocSpace portal");
  page.Section("SYNOPSIS");
  page.Verbatim(tool.name + " [OPTION]... COMMAND [ARGUMENT]...");
  page.Section("DESCRIPTION");
  page.Paragraph(tool.help +
                 " The tool calls a gRPC gateway of the portal: see docspace-apikeys-gateway(8).");
  page.Section("OPTIONS");
  AddOptions(page, tool);
  page.Section("COMMANDS");
  for (const CommandDescription& command : tool.commands) {
    page.Subsection(command.name);
    page.Paragraph(command.help + ".");
    AddOptions(page, command);
    page.Verbatim(command.more);
  }
  page.Section("NOTES");
  page.HelpText(tool.more);
  page.Section("SEE ALSO");
  page.Paragraph("docspace-apikeys-gateway(8)");
  std::cout << page.text();
}
