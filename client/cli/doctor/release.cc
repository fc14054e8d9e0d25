#include "client/cli/doctor/release.h"

#include <utility>

namespace docspace::apikeys::cli {

std::string Releases::Names() const {
  std::string names;
  for (const auto& [release, name] : {std::pair(V31(), "3.1"), std::pair(V32(), "3.2"),
                                      std::pair(V37(), "3.7"), std::pair(Next(), "next")}) {
    if ((*this & release) == None()) continue;
    names.append(names.empty() ? "" : " or ").append(name);
  }
  return names.empty() ? "none" : names;
}

Releases Fitting(const std::vector<Sign>& signs) {
  Releases fitting = Releases::All();
  for (const Sign& sign : signs) fitting = fitting & sign.releases;
  return fitting;
}

}  // namespace docspace::apikeys::cli
