// Prints the table of settings of docs/configuration.md; `tools/readme.sh table` writes it there.
#include <iostream>

#include "server/config/render_config.h"

int main() { std::cout << docspace::gateway::ReferenceTable(); }
