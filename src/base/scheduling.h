// What a thread asks of the kernel's scheduler.
#pragma once

namespace latchkey::base {

// For threads that others wait for and that run for a moment at a time: they are put on a core at once when
// they wake, also while threads of lower priority keep every core busy. Without it the kernel lets those run
// on to the end of their slice, some 3 ms. Linux 6.12 and later (the slice is a thread's wish there,
// sched(7)); earlier ones ignore it.
void ask_for_short_time_slices() noexcept;

// For threads that burn a core for long: `nice` is 0 to 19, more gives way more (nice(2)). With Linux 6.12
// and later everything that wakes with a slice of ordinary length takes the core from them at once: the
// kernel's own threads, on which a sync of the disk waits, and other programs too.
void give_way_to_others(int nice) noexcept;

}  // namespace latchkey::base
