// Prints a table of docs/configuration.md: that of the settings or, with any argument, that of the
// deprecated names. `tools/docs/configuration.sh` writes both there.
#include <iostream>

#include "server/config/render_config.h"

int main(int argc, char** /*argv*/) {
  std::cout << (argc > 1 ? docspace::gateway::DeprecatedNamesTable()
                         : docspace::gateway::ReferenceTable());
}
