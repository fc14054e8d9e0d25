// The emulator as a program: serves until SIGTERM or SIGINT.
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "tests/emulator/credentials_file.h"
#include "tests/emulator/emulator.h"

namespace {

using docspace::emulator::Emulator;
using docspace::emulator::EmulatorOptions;

struct Settings {
  EmulatorOptions emulator;
  std::size_t keys = 0;
  bool quiet = false;
  std::string credentials_file;
  std::string ready_file;
};

// Values in the units of the command line.
struct Numbers {
  std::int64_t delay_ms = 0;
  std::int64_t keep_alive_idle_ms = 65'000;
  std::int64_t portal_offset_minutes = 180;
};

// Adds an option that takes the name of one of some values.
template <typename Value>
void AddChoice(CLI::App& app, const char* name, Value& value,
               const std::map<std::string, Value>& choices, const char* description) {
  app.add_option_function<std::string>(
         name, [&value, choices](const std::string& choice) { value = choices.at(choice); },
         description)
      ->check(CLI::IsMember(choices));
}

void AddPortalOptions(CLI::App& app, docspace::emulator::ApiOptions& api) {
  using docspace::emulator::Database;
  using docspace::emulator::Generation;
  using docspace::emulator::Limits;
  std::map<std::string, Generation> generations;
  for (const Generation generation : docspace::emulator::kGenerations) {
    generations.emplace(ToString(generation), generation);
  }
  AddChoice(app, "--generation", api.generation, generations,
            "The portal's release, 3.7 by default");
  AddChoice(app, "--limits", api.limits, {{"off", Limits()}, {"cloud", Limits::Cloud()}},
            "Rate limits, off by default, as in an installation of one's own");
  AddChoice(app, "--database", api.views.database,
            {{"mysql", Database::kMySql},
             {"mysql-strict", Database::kStrictMySql},
             {"postgresql", Database::kPostgreSql}},
            "What later reads show of names and date-times, mysql by default");
  app.add_option("--host", api.host, "Answer other Host headers as unknown portals");
  app.add_flag("--date-time-objects", api.views.date_time_objects,
               "Date-times as objects, as the SDK documents them");
  app.add_flag("--minimum-date-time", api.views.minimum_date_time_for_none,
               "0001-01-01 where there is no date-time");
  app.add_flag("--ascii-json", api.views.ascii_json, "Escape all but ASCII in JSON");
}

void AddOptions(CLI::App& app, Settings& settings, Numbers& numbers) {
  EmulatorOptions& emulator = settings.emulator;
  app.add_option("--address", emulator.http.address, "Address to listen at")->capture_default_str();
  app.add_option("--port", emulator.http.port, "Port to listen at, 0: a free one")
      ->capture_default_str();
  auto* certificate = app.add_option("--tls-cert", emulator.http.tls_certificate,
                                     "PEM file with a certificate chain: serve HTTPS")
                          ->check(CLI::ExistingFile);
  auto* key = app.add_option("--tls-key", emulator.http.tls_key, "PEM file with its private key")
                  ->check(CLI::ExistingFile);
  certificate->needs(key);
  key->needs(certificate);
  app.add_option("--threads", emulator.http.threads, "Threads that serve")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--keep-alive-idle", numbers.keep_alive_idle_ms,
                 "Milliseconds that a connection may wait for its next request")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--requests-per-connection", emulator.http.requests_per_connection,
                 "Close a connection after that many requests, 0: never")
      ->capture_default_str();
  app.add_option("--keys", settings.keys, "Further keys of the owner to start with")
      ->capture_default_str();
  app.add_option("--delay", numbers.delay_ms, "Milliseconds before every answer")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--portal-offset", numbers.portal_offset_minutes,
                 "The portal's time zone: minutes east of UTC")
      ->check(CLI::Range(-14 * 60, 14 * 60))
      ->capture_default_str();
  app.add_option("--seed", emulator.seed, "Make the same users, ids and secrets every time");
  app.add_option("--credentials-file", settings.credentials_file,
                 "Write the URL and all credentials there, for a shell, readable by you alone");
  app.add_option("--ready-file", settings.ready_file, "Write the URL there when ready");
  app.add_flag("--quiet", settings.quiet, "Print the URL only, no credentials");
}

// Blocks the signals that end the program in all threads created later, and returns them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void Announce(const Emulator& emulator, const Settings& settings) {
  using docspace::emulator::WriteFile;
  if (settings.quiet) {
    std::cout << emulator.url() << std::endl;
  } else {
    std::cout << docspace::emulator::CredentialsTable(emulator.url(), emulator.users())
              << std::endl;
  }
  if (!settings.credentials_file.empty()) {
    WriteFile(settings.credentials_file,
              docspace::emulator::CredentialsScript(emulator.url(), emulator.users()), 0600);
  }
  if (!settings.ready_file.empty()) WriteFile(settings.ready_file, emulator.url() + "\n", 0644);
}

int Run(int argc, char** argv) {
  Settings settings;
  Numbers numbers;
  CLI::App app("Emulates the ApiKeys API of an ONLYOFFICE DocSpace portal, for tests and demos.");
  AddOptions(app, settings, numbers);
  AddPortalOptions(app, settings.emulator.api);
  CLI11_PARSE(app, argc, argv);
  settings.emulator.delay = std::chrono::milliseconds(numbers.delay_ms);
  settings.emulator.http.keep_alive_idle = std::chrono::milliseconds(numbers.keep_alive_idle_ms);
  settings.emulator.api.views.portal_offset = std::chrono::minutes(numbers.portal_offset_minutes);

  const sigset_t signals = BlockSignals();
  const std::unique_ptr<Emulator> emulator = Emulator::Start(settings.emulator);
  emulator->SeedKeys(docspace::emulator::Role::kOwner, settings.keys);
  Announce(*emulator, settings);
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "emulator: " << error.what() << std::endl;
    return 1;
  }
}
