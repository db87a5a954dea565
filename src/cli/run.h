// The command line as a function.
#pragma once

namespace latchkey::cli {

// Parses the arguments, runs the command, and returns the exit code of the process (see ExitCode).
int run(int argc, const char* const* argv);

}  // namespace latchkey::cli
