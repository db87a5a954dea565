#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace latchkey::bench {

// Values below 2^kSubBits have a bucket each; above, the top kSubBits + 1 bits choose the bucket.
std::size_t Histogram::bucket_of(std::uint64_t microseconds) {
  const auto width = static_cast<unsigned>(std::bit_width(microseconds));
  if (width <= kSubBits) return static_cast<std::size_t>(microseconds);
  const unsigned shift = width - kSubBits - 1;
  return (static_cast<std::size_t>(shift) << kSubBits) + static_cast<std::size_t>(microseconds >> shift);
}

std::uint64_t Histogram::upper_end(std::size_t bucket) {
  if (bucket < (std::size_t{2} << kSubBits)) return bucket;
  const std::size_t shift = (bucket >> kSubBits) - 1;
  const std::uint64_t top = bucket - (shift << kSubBits);
  return ((top + 1) << shift) - 1;
}

void Histogram::add(std::chrono::nanoseconds duration) {
  const auto us =
      std::clamp<std::int64_t>(duration.count() / 1000, 0, std::numeric_limits<std::uint32_t>::max());
  const auto value = static_cast<std::uint64_t>(us);
  ++buckets_[bucket_of(value)];
  ++count_;
  sum_us_ += value;
  max_us_ = std::max(max_us_, value);
}

double Histogram::mean_ms() const {
  return count_ == 0 ? 0 : static_cast<double>(sum_us_) / static_cast<double>(count_) / 1000;
}

double Histogram::max_ms() const { return static_cast<double>(max_us_) / 1000; }

double Histogram::percentile_ms(double share) const {
  if (count_ == 0) return 0;
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return static_cast<double>(std::min(upper_end(i), max_us_)) / 1000;
  }
  return max_ms();
}

}  // namespace latchkey::bench
