// The rate-limit buckets that endpoints name; how much each holds is configuration (section rate_limit).
#pragma once

#include "http/endpoint.h"

namespace latchkey::api {

inline constexpr http::Bucket kSignUpBucket{"signup"};
inline constexpr http::Bucket kLoginBucket{"login"};  // everything that tries a password
inline constexpr http::Bucket kRefreshBucket{"refresh"};
inline constexpr http::Bucket kUserBucket{"user"};            // signed-in calls
inline constexpr http::Bucket kAnonymousBucket{"anonymous"};  // keys, settings, documents

}  // namespace latchkey::api
