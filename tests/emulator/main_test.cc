// The emulator as a program.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/emulator/test_connection.h"

namespace docspace::emulator {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Content(const std::filesystem::path& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

class Program {
 public:
  Program(std::vector<std::string> arguments, const std::filesystem::path& output) {
    arguments.insert(arguments.begin(), "tests/emulator/emulator");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    EXPECT_EQ(posix_spawn(&process_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  void Signal(int signal) const { kill(process_, signal); }

  bool HasEnded() const {
    siginfo_t info = {};
    waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid != 0;
  }

  // Waits for the end and returns the exit code, or -1 if a signal ended the program.
  int ExitCode() {
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t process_ = 0;
};

class MainTest : public ::testing::Test {
 protected:
  MainTest() { std::filesystem::create_directories(folder_); }
  ~MainTest() override { std::filesystem::remove_all(folder_); }

  // Returns the port of a program that was started with `--ready-file ready`.
  std::uint16_t PortOf(const Program& program) const {
    while (!std::filesystem::exists(folder_ / "ready") && !program.HasEnded()) {
      std::this_thread::yield();
    }
    const std::string url = Content(folder_ / "ready");
    return static_cast<std::uint16_t>(std::stoi("0" + url.substr(url.rfind(':') + 1)));
  }

  const std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) / "main_test";
  const std::filesystem::path output_ = folder_ / "output";
};

TEST_F(MainTest, ServesUntilSigtermAndExitsWithZero) {
  Program program({"--ready-file", folder_ / "ready", "--credentials-file", folder_ / "env",
                   "--keys", "3", "--portal-offset", "-90", "--date-time-objects"},
                  output_);
  const std::uint16_t port = PortOf(program);
  ASSERT_NE(port, 0) << Content(output_);

  const std::string script = Content(folder_ / "env");
  const std::string name = "EMULATOR_OWNER_API_KEY='";
  const std::size_t start = script.find(name) + name.size();
  const std::string key = script.substr(start, script.find('\'', start) - start);
  EXPECT_THAT(Content(output_), HasSubstr(key));
  EXPECT_THAT(script, StartsWith("EMULATOR_URL='http://127.0.0.1:" + std::to_string(port)));
  const std::string answer =
      Exchange(port, Get("/api/2.0/keys", "Authorization: Bearer " + key + "\r\n"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Key 3"));
  EXPECT_THAT(answer, HasSubstr(R"("timeZoneOffset":"-01:30:00")"));

  program.Signal(SIGTERM);
  EXPECT_EQ(program.ExitCode(), 0);
}

TEST_F(MainTest, LimitsCreationsAsTheCloudDoesIfItIsToldTo) {
  Program program({"--ready-file", folder_ / "ready", "--credentials-file", folder_ / "env",
                   "--limits", "cloud"},
                  output_);
  const std::uint16_t port = PortOf(program);
  ASSERT_NE(port, 0) << Content(output_);
  const std::string script = Content(folder_ / "env");
  const std::string name = "EMULATOR_OWNER_BASIC='";
  const std::size_t start = script.find(name) + name.size();
  const std::string basic = script.substr(start, script.find('\'', start) - start);
  std::string answer;
  for (int i = 0; i < 6; ++i) {
    answer = Exchange(port,
                      Post("/api/2.0/keys", "Authorization: " + basic + "\r\n", R"({"name":"n"})"));
  }
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 429 Too Many Requests\r\n"));
}

TEST_F(MainTest, IsOfTheGenerationAndDatabaseThatItIsTold) {
  Program program({"--ready-file", folder_ / "ready", "--credentials-file", folder_ / "env",
                   "--generation", "next", "--database", "postgresql"},
                  output_);
  const std::uint16_t port = PortOf(program);
  ASSERT_NE(port, 0) << Content(output_);
  const std::string script = Content(folder_ / "env");
  const std::string name = "EMULATOR_OWNER_BASIC='";
  const std::size_t start = script.find(name) + name.size();
  const std::string credential =
      "Authorization: " + script.substr(start, script.find('\'', start) - start) + "\r\n";
  EXPECT_THAT(Exchange(port, Post("/api/2.0/keys", credential, R"({"name":"<🔑>"})")),
              StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(Exchange(port, Get("/api/2.0/keys?fields=name", credential)),
              HasSubstr("&lt;&#128273;&gt;"));
}

TEST_F(MainTest, RefusesAGenerationThatThereIsNot) {
  Program program({"--generation", "3.3"}, output_);
  EXPECT_NE(program.ExitCode(), 0);
  EXPECT_THAT(Content(output_), HasSubstr("--generation"));
}

TEST_F(MainTest, PrintsNoCredentialsWhenQuiet) {
  Program program({"--quiet", "--ready-file", folder_ / "ready"}, output_);
  ASSERT_NE(PortOf(program), 0) << Content(output_);
  EXPECT_EQ(Content(output_), Content(folder_ / "ready"));
}

TEST_F(MainTest, RefusesWhatItCannotListenAt) {
  Program program({"--address", "192.0.2.1"}, output_);
  EXPECT_EQ(program.ExitCode(), 1);
  EXPECT_THAT(Content(output_), StartsWith("emulator: "));
}

TEST_F(MainTest, RefusesHalfOfACertificate) {
  Program program({"--tls-cert", "/dev/null"}, output_);
  EXPECT_NE(program.ExitCode(), 0);
  EXPECT_THAT(Content(output_), HasSubstr("--tls-key"));
}

TEST_F(MainTest, ExplainsEveryFlag) {
  Program program({"--help"}, output_);
  EXPECT_EQ(program.ExitCode(), 0);
  EXPECT_THAT(Content(output_), HasSubstr("--credentials-file"));
}

}  // namespace
}  // namespace docspace::emulator
