// What api.md promises of every answer, checked the same way everywhere.
#pragma once

#include <string_view>

#include "support/answer.h"

namespace latchkey::e2e {

// An error answer with that code, whole: the status of the error table, every text, no-store, CORS, and
// Retry-After where it belongs.
void expect_error(const Answer& answer, std::string_view code);

// A complete session answer: every field there, every type as promised, all times in agreement.
void expect_session(const Answer& answer);

// What every answer carries: CORS for a page anywhere, the request id, the date, what a cache may do.
void expect_common_headers(const Answer& answer);

}  // namespace latchkey::e2e
