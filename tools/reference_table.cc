// Prints the README's table of settings; tools/readme.sh table puts it there.
#include <iostream>

#include "server/config/config.h"

int main() { std::cout << docspace::gateway::ReferenceTable(); }
