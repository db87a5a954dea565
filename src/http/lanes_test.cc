#include "http/lanes.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace latchkey::http {
namespace {

TEST(Lanes, RunsWhatIsQueuedAndStopsAfterIt) {
  std::atomic<int> done = 0;
  {
    Lanes lanes({.storage_threads = 3, .hash_threads = 2});
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(lanes.submit(i % 2 == 0 ? Lane::storage : Lane::hash, [&] { ++done; }));
    }
    lanes.stop();
    EXPECT_EQ(done, 100);
    EXPECT_FALSE(lanes.submit(Lane::storage, [&] { ++done; }));
  }
  EXPECT_EQ(done, 100);
}

TEST(Lanes, AFullQueueRefusesAndTheOtherLaneGoesOn) {
  Lanes lanes({.storage_threads = 1, .hash_threads = 1, .hash_queue = 2});
  std::promise<void> started;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  ASSERT_TRUE(lanes.submit(Lane::hash, [&started, released] {
    started.set_value();
    released.wait();
  }));
  started.get_future().wait();
  EXPECT_EQ(lanes.running(Lane::hash), 1U);
  EXPECT_TRUE(lanes.submit(Lane::hash, [] {}));
  EXPECT_TRUE(lanes.submit(Lane::hash, [] {}));
  EXPECT_EQ(lanes.queued(Lane::hash), 2U);
  EXPECT_FALSE(lanes.submit(Lane::hash, [] {}));

  std::promise<void> storage_ran;
  EXPECT_TRUE(lanes.submit(Lane::storage, [&] { storage_ran.set_value(); }));
  storage_ran.get_future().wait();
  release.set_value();
  lanes.stop();
  EXPECT_EQ(lanes.queued(Lane::hash), 0U);
}

TEST(Lanes, ManyTasksAtOnceRunOnManyThreads) {
  // Each task waits for the other: with fewer threads than tasks this would never end.
  Lanes lanes({.storage_threads = 2});
  std::promise<void> first;
  std::promise<void> second;
  lanes.submit(Lane::storage, [&] {
    first.set_value();
    second.get_future().wait();
  });
  lanes.submit(Lane::storage, [&] {
    second.set_value();
    first.get_future().wait();
  });
  lanes.stop();
}

}  // namespace
}  // namespace latchkey::http
