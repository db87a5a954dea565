// Counts requests against their limits: for each bucket (a kind of request) and subject (an address, an
// account).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "crypto/digest.h"
#include "ratelimit/subject_table.h"
#include "ratelimit/token_bucket.h"

namespace latchkey::ratelimit {

struct RateLimiterSettings {
  struct Bucket {
    std::string name;
    BucketPolicy policy;
  };
  bool enabled = true;
  std::size_t max_subjects = 65536;  // for each bucket
  std::vector<Bucket> buckets = {};
};

// Token buckets in bounded memory: 16 bytes a subject, max_subjects for each bucket (1 MiB each by default,
// untouched until used). Each bucket has a table of its own, so a flood of one kind of request forgets
// nothing about another; within one, a new subject pushes out the one whose bucket is fullest. Thread-safe.
class RateLimiter {
 public:
  RateLimiter(const RateLimiterSettings& settings, base::Random& random);

  // Takes one token. Nothing when the request may pass; else the seconds after which it may (Retry-After). A
  // bucket without a policy is not limited, nor is anything while the limiter is switched off.
  std::optional<base::Seconds> take(std::string_view bucket, std::string_view subject, SteadyTime now);

  // Takes effect at once. Buckets that stay keep what they counted, unless max_subjects changes.
  void change_settings(const RateLimiterSettings& settings);
  // The most memory that the tables ever take.
  std::size_t max_bytes() const;

 private:
  struct Bucket {
    std::string name;
    BucketPolicy policy;
    std::shared_ptr<SubjectTable<TokenBucket>> table;
  };

  crypto::HashKey hash_key_;
  mutable std::shared_mutex mutex_;  // of what follows; tables lock themselves
  bool enabled_ = false;
  std::size_t max_subjects_ = 0;
  std::vector<Bucket> buckets_;
};

}  // namespace latchkey::ratelimit
