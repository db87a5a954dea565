#include "domain/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <expected>
#include <random>
#include <vector>

namespace latchkey::domain {
namespace {

using base::Milliseconds;
using base::Seconds;
using base::Timestamp;

const Timestamp kStart = base::from_unix_seconds(1'700'000'000);
const SessionPolicy kPolicy;

Session make_rotated(std::uint32_t counter, bool successor_seen, Timestamp refreshed_at) {
  Session session = make_session({}, {}, kStart, kPolicy);
  session.refresh_counter = counter;
  session.successor_seen = successor_seen;
  session.refreshed_at = refreshed_at;
  return session;
}

TEST(MakeSession, EndsAtTheEarlierOfIdleAndAbsolute) {
  const Session usual = make_session({}, {}, kStart, kPolicy);
  EXPECT_EQ(usual.refresh_counter, 0U);
  EXPECT_TRUE(usual.successor_seen);
  EXPECT_EQ(usual.expires_at, kStart + kPolicy.idle_lifetime);
  EXPECT_EQ(usual.absolute_expires_at, kStart + kPolicy.absolute_lifetime);

  SessionPolicy short_policy;
  short_policy.absolute_lifetime = Seconds(60);
  EXPECT_EQ(make_session({}, {}, kStart, short_policy).expires_at, kStart + Seconds(60));
}

TEST(MakeRotation, ProlongsTheIdleEndButNeverTheAbsoluteOne) {
  const Session session = make_session({}, {}, kStart, kPolicy);
  const SessionRotation early = make_rotation(session, kStart + Seconds(10), kPolicy);
  EXPECT_EQ(early.next_counter, 1U);
  EXPECT_EQ(early.refreshed_at, kStart + Seconds(10));
  EXPECT_EQ(early.expires_at, kStart + Seconds(10) + kPolicy.idle_lifetime);

  const Timestamp late = kStart + kPolicy.absolute_lifetime - Seconds(5);
  EXPECT_EQ(make_rotation(session, late, kPolicy).expires_at, session.absolute_expires_at);
}

struct Case {
  const char* name;
  std::uint32_t presented;
  std::uint32_t counter;
  bool successor_seen;
  Milliseconds since_rotation;
  RefreshDecision expected;
};

TEST(DecideRefresh, Table) {
  using enum RefreshDecision;
  const Milliseconds grace = kPolicy.refresh_grace;
  const Milliseconds ms(1);
  const std::vector<Case> cases = {
      {"fresh session, its token", 0, 0, true, ms, rotate},
      {"fresh session, a counter that was never issued", 1, 0, true, ms, unknown},
      {"fresh session, no predecessor below zero", 0xFFFFFFFF, 0, true, ms, unknown},
      {"the current token", 7, 7, false, ms, rotate},
      {"the current token, seen, long after", 7, 7, true, grace * 100, rotate},
      {"one behind, at once (parallel requests)", 6, 7, false, ms, repeat},
      {"one behind, seen, within the grace", 6, 7, true, ms, repeat},
      {"one behind, seen, last moment of the grace", 6, 7, true, grace, repeat},
      {"one behind, seen, after the grace", 6, 7, true, grace + ms, reused},
      {"one behind, never seen, after the grace (lost answer)", 6, 7, false, grace + ms, repeat},
      {"one behind, never seen, much later (lost answer)", 6, 7, false, Seconds(86400), repeat},
      {"one behind, seen, clock set back", 6, 7, true, -Seconds(5), repeat},
      {"two behind, even at once", 5, 7, false, ms, reused},
      {"two behind, seen", 5, 7, true, ms, reused},
      {"the very first", 0, 7, false, ms, reused},
      {"one ahead", 8, 7, false, ms, unknown},
      {"the first predecessor there can be", 0, 1, false, ms, repeat},
      {"the first predecessor, seen and late", 0, 1, true, grace + ms, reused},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Timestamp rotated = kStart + Seconds(100);
    const Session session = make_rotated(c.counter, c.successor_seen, rotated);
    EXPECT_EQ(decide_refresh(c.presented, session, rotated + c.since_rotation, kPolicy), c.expected);
  }
}

TEST(DecideRefresh, LogoutInsideTheGraceEndsIt) {
  Session session = make_rotated(7, false, kStart);
  session.ended_at = kStart + Milliseconds(1);
  for (const std::uint32_t presented : {5U, 6U, 7U, 8U}) {
    EXPECT_EQ(decide_refresh(presented, session, kStart + Milliseconds(2), kPolicy), RefreshDecision::ended);
  }
}

TEST(DecideRefresh, NothingWorksFromTheEndOn) {
  const Session session = make_rotated(7, false, kStart);
  const Timestamp end = session.expires_at;
  EXPECT_EQ(decide_refresh(7, session, end - Milliseconds(1), kPolicy), RefreshDecision::rotate);
  EXPECT_TRUE(session.is_alive(end - Milliseconds(1)));
  EXPECT_FALSE(session.is_alive(end));
  for (const std::uint32_t presented : {5U, 6U, 7U, 8U}) {
    EXPECT_EQ(decide_refresh(presented, session, end, kPolicy), RefreshDecision::expired);
  }
}

TEST(DecideRefresh, GraceOfZeroStillForgivesALostAnswer) {
  SessionPolicy policy;
  policy.refresh_grace = Seconds(0);
  const Timestamp later = kStart + Milliseconds(1);
  EXPECT_EQ(decide_refresh(6, make_rotated(7, false, kStart), later, policy), RefreshDecision::repeat);
  EXPECT_EQ(decide_refresh(6, make_rotated(7, true, kStart), later, policy), RefreshDecision::reused);
}

TEST(MakeReissue, BeginsTheTimesAnewAfterTheGraceOnly) {
  const Session session = make_rotated(7, false, kStart);
  EXPECT_FALSE(make_reissue(session, kStart + kPolicy.refresh_grace, kPolicy));
  const Timestamp late = kStart + kPolicy.refresh_grace + Milliseconds(1);
  const auto reissue = make_reissue(session, late, kPolicy);
  ASSERT_TRUE(reissue);
  EXPECT_EQ(reissue->next_counter, 7U);
  EXPECT_EQ(reissue->refreshed_at, late);
  EXPECT_EQ(reissue->expires_at, late + kPolicy.idle_lifetime);
}

// --- a model: a server that works by these functions, and holders that share or copy tokens ---

// The server's side of one session: the row, and what a refresh or a call does to it.
class Server {
 public:
  explicit Server(Timestamp now) : row(make_session({}, {}, now, kPolicy)) {}

  // The token that is answered, or why there is none.
  std::expected<std::uint32_t, RefreshDecision> refresh(std::uint32_t presented, Timestamp now) {
    const RefreshDecision decision = decide_refresh(presented, row, now, kPolicy);
    if (presented == row.refresh_counter) row.successor_seen = true;
    if (decision == RefreshDecision::repeat) {
      if (const auto reissue = make_reissue(row, now, kPolicy)) write(*reissue);
      return row.refresh_counter;
    }
    if (decision != RefreshDecision::rotate) {
      if (decision == RefreshDecision::reused) row.ended_at = now;
      return std::unexpected(decision);
    }
    write(make_rotation(row, now, kPolicy));
    ++rotations;
    return row.refresh_counter;
  }
  // A call with the access token of the pair `counter`.
  void call(std::uint32_t counter) {
    if (counter == row.refresh_counter) row.successor_seen = true;
  }

  Session row;
  int rotations = 0;

 private:
  void write(const SessionRotation& rotation) {
    row.refresh_counter = rotation.next_counter;
    row.refreshed_at = rotation.refreshed_at;
    row.expires_at = rotation.expires_at;
    row.successor_seen = false;
  }
};

// One holder on a bad network: requests and answers get lost, retries come late. Whatever happens, it is
// never signed out, because it is never more than one behind and a lost answer is never "seen".
TEST(RefreshModel, OneHolderOnABadNetworkIsNeverSignedOut) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 engine(seed);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(engine() % n); };
    Timestamp now = kStart;
    Server server(now);
    std::uint32_t known = 0;
    for (int step = 0; step < 200; ++step) {
      now += Milliseconds(below(4) == 0 ? below(90'000) : below(50));
      if (below(3) == 0) {
        server.call(known);
        continue;
      }
      if (below(5) == 0) continue;  // the request is lost
      const auto answer = server.refresh(known, now);
      ASSERT_TRUE(answer) << "seed " << seed << " step " << step;
      if (below(3) != 0) known = *answer;  // else the answer is lost
    }
    EXPECT_FALSE(server.row.ended_at);
  }
}

// Tabs of one browser share the storage; each starts a refresh with the newest token there, answers arrive
// late, out of order or never, even all of a round. A request that arrives within the grace of the first one
// of its round is always answered, and all who refresh at once get the same successor.
TEST(RefreshModel, TabsThatShareTheirStorageAreNeverSignedOut) {
  struct InFlight {
    std::uint32_t presented;
    Timestamp arrives;
  };
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 engine(seed);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(engine() % n); };
    Timestamp now = kStart;
    Server server(now);
    std::uint32_t stored = 0;  // the newest that any tab knows
    for (int wave = 0; wave < 60; ++wave) {
      now += kPolicy.refresh_grace + Seconds(1 + below(7200));
      // Every tab finds its access token expired at about the same time.
      std::vector<InFlight> requests;
      const std::uint32_t newest = stored;
      for (unsigned tab = 0; tab < 2 + below(6); ++tab) {
        requests.push_back({newest, now + Milliseconds(below(20'000))});
      }
      std::ranges::sort(requests, {}, &InFlight::arrives);
      std::vector<std::uint32_t> answers;
      const int rotations_before = server.rotations;
      for (const InFlight& request : requests) {
        now = request.arrives;
        const auto answer = server.refresh(request.presented, now);
        ASSERT_TRUE(answer) << "seed " << seed << " wave " << wave;
        answers.push_back(*answer);
        if (below(3) == 0) {  // this answer arrives, and its tab calls with the new pair at once
          stored = *answer;
          server.call(stored);
        }
      }
      EXPECT_LE(server.rotations, rotations_before + 1);
      EXPECT_EQ(std::ranges::count(answers, answers.front()), std::ssize(answers));
    }
    EXPECT_FALSE(server.row.ended_at);
  }
}

// Any interleaving of holders and of a thief with copies of old tokens, against a specification written the
// other way round: from the history of what was issued, when, and what came back.
TEST(RefreshModel, AgreesWithTheRuleToldFromHistory) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 engine(seed);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(engine() % n); };
    struct Issued {
      Timestamp at;
      bool came_back;
    };
    Timestamp now = kStart;
    Server server(now);
    std::vector<Issued> history = {{now, true}};  // by counter; the first has no predecessor
    while (!server.row.ended_at && history.size() < 40) {
      now += Milliseconds(below(3) == 0 ? below(60'000) : below(2'000));
      const auto newest = static_cast<std::uint32_t>(history.size() - 1);
      const std::uint32_t presented = newest - std::min<std::uint32_t>(newest, below(20) == 0 ? 2 : below(2));
      if (below(3) == 0) {
        server.call(presented);
        history[presented].came_back = true;
        continue;
      }
      const bool forgiven = presented + 1 == newest &&
                            (!history[newest].came_back || now - history[newest].at <= kPolicy.refresh_grace);
      const auto answer = server.refresh(presented, now);
      if (presented == newest) {
        ASSERT_TRUE(answer);
        EXPECT_EQ(*answer, newest + 1);
        history[presented].came_back = true;
        history.push_back({now, false});
      } else if (forgiven) {
        ASSERT_TRUE(answer);
        EXPECT_EQ(*answer, newest);
        if (now - history[newest].at > kPolicy.refresh_grace) history[newest].at = now;
      } else {
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error(), RefreshDecision::reused);
      }
    }
  }
}

// A stolen token and its owner cannot both go on: whoever is two behind ends the session for both.
TEST(RefreshReuse, ThiefAndOwnerCannotBothGoOn) {
  Server server(kStart);
  const std::uint32_t stolen = 0;
  std::uint32_t owner = *server.refresh(0, kStart + Seconds(3600));
  owner = *server.refresh(owner, kStart + Seconds(7200));
  const auto thief = server.refresh(stolen, kStart + Seconds(7201));
  ASSERT_FALSE(thief);
  EXPECT_EQ(thief.error(), RefreshDecision::reused);
  EXPECT_EQ(server.refresh(owner, kStart + Seconds(7202)).error(), RefreshDecision::ended);
}

}  // namespace
}  // namespace latchkey::domain
