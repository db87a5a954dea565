#include "cli/password_input.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>

namespace latchkey::cli {
namespace {

constexpr std::size_t kMaxBytes = 64 * 1024;

std::unexpected<base::Error> refuse(std::string message, std::string hint = {}) {
  base::Error error{.code = base::ErrorCode::validation_failed};
  error.message = std::move(message);
  if (!hint.empty()) error.hint = std::move(hint);
  return base::fail(std::move(error));
}

void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

// False at the end of the input or when reading fails.
bool read_byte(char& byte) {
  ssize_t count = 0;
  do {
    count = read(STDIN_FILENO, &byte, 1);
  } while (count < 0 && errno == EINTR);
  return count == 1;
}

// Takes the terminal out of line mode and back. Ctrl-C arrives as a character, so that nothing can end the
// process while the terminal is silent.
class SilentTerminal {
 public:
  SilentTerminal() {
    tcgetattr(STDIN_FILENO, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

 private:
  termios before_{};
};

void erase_last_character(std::string& text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
  if (!text.empty()) text.pop_back();
}

base::Result<base::Secret> ask(std::string_view prompt) {
  constexpr char kCtrlC = 3, kCtrlD = 4, kBackspace = 8, kCtrlU = 21, kDelete = 127;
  std::string typed;
  char byte = 0;
  bool is_given_up = false;
  {
    const SilentTerminal silent;  // before the question: what was typed earlier is dropped
    say(prompt);
    while (true) {
      is_given_up = !read_byte(byte) || byte == kCtrlC || byte == kCtrlD || typed.size() > kMaxBytes;
      if (is_given_up || byte == '\n' || byte == '\r') break;
      if (byte == kBackspace || byte == kDelete) {
        erase_last_character(typed);
      } else if (byte == kCtrlU) {
        typed.clear();
      } else {
        typed += byte;
      }
    }
  }
  say("\n");
  base::Secret password(std::move(typed));
  if (is_given_up) return refuse("No password was given; nothing was changed.");
  return password;
}

base::Result<base::Secret> ask_terminal(bool is_new) {
  if (isatty(STDIN_FILENO) != 1)
    return refuse("There is no terminal to ask for the password.",
                  "Send it on standard input and give --password-stdin.");
  auto first = ask("Password: ");
  if (!first || !is_new) return first;
  const auto second = ask("Once more: ");
  if (!second) return second;
  if (first->confidential_text() != second->confidential_text())
    return refuse("The two passwords differ; nothing was changed.");
  return first;
}

base::Result<base::Secret> read_all() {
  std::string text;
  char byte = 0;
  while (text.size() <= kMaxBytes && read_byte(byte)) text += byte;
  const bool is_too_long = text.size() > kMaxBytes;
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  base::Secret password(std::move(text));
  if (is_too_long) return refuse("The password is longer than 64 KiB.");
  return password;
}

}  // namespace

base::Result<base::Secret> read_password(PasswordSource source) {
  auto password = source == PasswordSource::standard_input ? read_all()
                                                           : ask_terminal(source == PasswordSource::terminal);
  if (password && password->empty()) return refuse("The password is empty; nothing was changed.");
  return password;
}

}  // namespace latchkey::cli
