#include "app/master_secret.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "crypto/base64url.h"

namespace latchkey::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

std::unexpected<base::Error> refuse(std::string message) {
  base::Error error{.code = ErrorCode::internal_error, .detail = message};
  error.message = std::move(message);
  return base::fail(std::move(error));
}

base::Result<std::vector<base::Secret>> read_file(const fs::path& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    return refuse(fmt::format("The master key {} cannot be read: {}.", path.string(), std::strerror(errno)));
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return refuse(fmt::format("The master key {} can be read by others. Run: chmod 600 {}", path.string(),
                              path.string()));
  }
  std::ifstream file(path);
  std::vector<base::Secret> secrets;
  for (std::string line; std::getline(file, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (!line.empty() && line.front() != '#') secrets.emplace_back(std::string_view(line));
    explicit_bzero(line.data(), line.size());
  }
  if (secrets.empty())
    return refuse(fmt::format("The master key file {} is empty. Restore it from a backup.", path.string()));
  return secrets;
}

base::Result<void> make_file(const fs::path& path, base::Random& random) {
  std::array<std::byte, 32> bytes{};
  random.fill(bytes);
  const base::Secret line(crypto::base64url_encode(bytes) + "\n");
  explicit_bzero(bytes.data(), bytes.size());
  // O_EXCL: of two processes that start at once, one makes the file and the other reads it.
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0 && errno == EEXIST) return {};
  const bool written =
      file >= 0 &&
      write(file, line.confidential_text().data(), line.size()) == static_cast<ssize_t>(line.size()) &&
      fsync(file) == 0;
  const int reason = errno;
  if (file >= 0) close(file);
  if (written) return {};
  if (file >= 0) unlink(path.c_str());
  return refuse(
      fmt::format("The master key {} cannot be written: {}.", path.string(), std::strerror(reason)));
}

}  // namespace

base::Result<crypto::SecretBox> open_secret_box(const config::Settings& settings, bool data_is_new,
                                                base::Random& random) {
  if (!settings.keys.master_secret.empty()) return crypto::SecretBox::make(settings.keys.master_secret);
  const fs::path path = config::master_secret_file(settings);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    if (!data_is_new) {
      return refuse(
          fmt::format("The master key {} is missing, but there is data that was made with it. Restore the "
                      "file from a backup, or set "
                      "keys.master_secret. A new key would not open the old ones, so none was made.",
                      path.string()));
    }
    if (auto made = make_file(path, random); !made) return base::fail(std::move(made.error()));
  }
  auto secrets = read_file(path);
  if (!secrets) return base::fail(std::move(secrets.error()));
  return crypto::SecretBox::make(*secrets);
}

}  // namespace latchkey::app
