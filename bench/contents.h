// Reads whole files of the benchmark.
#ifndef BENCH_CONTENTS_H_
#define BENCH_CONTENTS_H_

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace docspace::bench {

// Returns the content of a file. Throws std::runtime_error if it cannot be read, or is empty.
inline std::string ContentsOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string contents(std::istreambuf_iterator<char>(file), {});
  if (!file || contents.empty()) throw std::runtime_error(path + " cannot be read");
  return contents;
}

}  // namespace docspace::bench

#endif  // BENCH_CONTENTS_H_
