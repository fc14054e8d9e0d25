// Runs a program as a user's shell does.
#ifndef TESTS_CLIENT_CPP_PROGRAM_H_
#define TESTS_CLIENT_CPP_PROGRAM_H_

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace docspace::apikeys {

struct Finished {
  // The exit code, or -1 if a signal ended the program.
  int status;
  // The output on stdout.
  std::string output;
};

// Runs `command`, a command line of sh, and waits for its end. Programs are named by their path in
// the test's runfiles.
inline Finished RunProgram(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no program can be run");
  std::string output;
  std::array<char, 256> buffer;
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

}  // namespace docspace::apikeys

#endif  // TESTS_CLIENT_CPP_PROGRAM_H_
