#include "client/cli/run.h"

#include <utility>
#include <variant>

#include "client/cli/command_line.h"
#include "client/cli/commands.h"
#include "client/cli/credential_source.h"
#include "client/cli/doctor/doctor.h"
#include "client/cli/doctor/stop_signals.h"
#include "client/cli/exit_code.h"
#include "client/cli/line_break.h"
#include "client/cli/table.h"
#include "client/cli/usage_error.h"

namespace docspace::apikeys::cli {
namespace {

// Runs doctor. `options` are those of the client that makes the calls.
int Examine(const CommandLine& line, Credential credential, ClientOptions options,
            Console& console) {
  // The signals are blocked here, because the channel below is the first object that starts
  // threads.
  StopSignals signals;
  const auto channel = MakeChannel(line.target, line.transport, options.proxy);
  if (!channel.ok()) throw UsageError(channel.error().message);
  return RunDoctor(
      *channel, std::move(credential), std::move(options), [&signals] { return signals.Arrived(); },
      line.output, console);
}

int RunOrThrow(const std::vector<std::string>& arguments, Console& console) {
  const Variables variables = [&console](const char* name) {
    return WithoutLineBreak(console.variables(name));
  };
  const auto parsed = ParseCommandLine(arguments, variables);
  if (const auto* help = std::get_if<Help>(&parsed)) {
    console.out << help->text << std::flush;
    return static_cast<int>(ExitCode::kOk);
  }
  const auto& line = std::get<CommandLine>(parsed);
  Credential credential = ReadCredential(line.credential, variables, console.err);
  ClientOptions options{.timeout = line.timeout, .timer = console.timer};
  if (!line.portal.empty()) options.metadata = {{"x-docspace-portal", line.portal}};
  options.proxy = line.proxy ? line.proxy->uri : Secret();
  if (line.examines) return Examine(line, std::move(credential), std::move(options), console);
  const auto client =
      Client::Connect(line.target, line.transport, std::move(credential), std::move(options));
  if (!client.ok()) throw UsageError(client.error().message);
  return static_cast<int>(Execute(line, *client, console));
}

}  // namespace

int Run(const std::vector<std::string>& arguments, Console& console) {
  try {
    return RunOrThrow(arguments, console);
  } catch (const UsageError& error) {
    console.err << Paint("usage error:", Emphasis::kBad, console.ColoursErr()) << ' '
                << error.what() << "\nSee docspace-keys --help.\n";
  }
  return static_cast<int>(ExitCode::kUsage);
}

}  // namespace docspace::apikeys::cli
