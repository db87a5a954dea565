// What follows when the session begins or ends, whoever ended it.
import type { LatchkeySession } from '@latchkey/flutterflow-client';
import type { QueryClient } from '@tanstack/react-query';
import { notifyInfo } from '../feedback/notify.tsx';

export function watchSession(session: LatchkeySession, queries: QueryClient): () => void {
  let before = session.getSnapshot();
  return session.subscribe(() => {
    const now = session.getSnapshot();
    // What one account was shown is nothing for the next.
    if (now.uid !== before.uid || now.loggedIn !== before.loggedIn) queries.clear();
    if (before.loggedIn && !now.loggedIn && now.endedBecause) {
      notifyInfo(`You were signed out. ${now.endedBecause.message}`);
    }
    before = now;
  });
}
