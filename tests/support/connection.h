// A connection to a server on this machine that sends exactly the bytes it is given: tests need requests that
// no client library would send.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/client.h"
#include "support/answer.h"

namespace latchkey::e2e {

// http::Client with answers as tests judge them. Blocking; every wait ends after a generous time with an
// exception, so a test fails rather than hangs. Not thread-safe.
class Connection {
 public:
  // Throws std::runtime_error when nobody listens.
  explicit Connection(std::uint16_t port);

  // False when the server has closed the connection before all was sent.
  bool send(std::string_view bytes) { return client_.send_raw(bytes).has_value(); }
  // No further byte will be sent.
  void finish_sending() { client_.end_sending(); }
  // The next whole answer; nothing when the server closed the connection instead. Interim answers (100) are
  // passed over. An answer to HEAD has no body, which the bytes themselves do not tell.
  std::optional<Answer> read_answer(bool to_head = false);
  // Everything until the server closes the connection.
  std::string read_to_end();
  // True when the server closes the connection before it sends anything more.
  bool ends_now() { return read_to_end().empty(); }

 private:
  http::Client client_;
};

}  // namespace latchkey::e2e
