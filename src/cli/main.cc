// The program `latchkey`.
#include "cli/run.h"

int main(int argc, char** argv) { return latchkey::cli::run(argc, argv); }
