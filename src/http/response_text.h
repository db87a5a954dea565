// Answers as bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/cors.h"
#include "http/message.h"

namespace latchkey::http {

// What of an answer's head comes from the connection.
struct AnswerFrame {
  const Request& request;
  const CorsPolicy& cors;
  std::string_view request_id;
  std::string_view date;  // of http_date
  bool close = false;
  bool http_1_0 = false;
};

// Appends the whole answer, head and body. To HEAD there is no body; an OPTIONS request gets the preflight
// headers. A raw body that is too long to be worth a copy is not appended but returned: it has to be sent
// behind, and lives as long as the response.
[[nodiscard]] std::string_view append_answer(const Response& response, const AnswerFrame& frame,
                                             std::string& out);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7).
std::string http_date(base::Timestamp now);

}  // namespace latchkey::http
