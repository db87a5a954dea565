#include "base/scheduling.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace latchkey::base {
namespace {

// struct sched_attr of sched_setattr(2), which glibc 2.36 does not declare.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 0;
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};
static_assert(sizeof(SchedulingAttributes) == 48);  // SCHED_ATTR_SIZE_VER0

// The bounds of the kernel.
constexpr std::uint64_t kShortestSliceNs = 100'000;
constexpr std::uint64_t kLongestSliceNs = 100'000'000;
constexpr std::uint32_t kPolicyOther = 0;
constexpr std::uint32_t kPolicyBatch = 3;

// Sets the calling thread's policy and slice, unless somebody chose a policy for the whole program.
void set_policy(std::uint32_t policy, std::uint64_t slice_ns) noexcept {
  SchedulingAttributes attributes;
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != kPolicyOther) return;
  attributes.size = sizeof attributes;
  attributes.policy = policy;
  attributes.runtime_ns = slice_ns;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace

void ask_for_short_time_slices() noexcept { set_policy(kPolicyOther, kShortestSliceNs); }

void give_way_to_others(int nice) noexcept {
  // On Linux a thread's priority is its own although the call names processes.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice);
  // The kernel lets a thread run on to the end of its slice unless the one that wakes has asked for a shorter
  // one; so whoever asks for a long one gives way to all that have not asked.
  set_policy(kPolicyBatch, kLongestSliceNs);
}

}  // namespace latchkey::base
