// What follows when the session begins or ends, whoever ended it.
import type { LatchkeySession } from '@latchkey/flutterflow-client';
import type { QueryClient } from '@tanstack/react-query';
import { notifyInfo } from '../feedback/notify.tsx';
import { LOG_OUT_KEY } from './queries.ts';

export function watchSession(session: LatchkeySession, queries: QueryClient): () => void {
  let before = session.getSnapshot();
  return session.subscribe(() => {
    const now = session.getSnapshot();
    if (before.loggedIn && !now.loggedIn) {
      if (now.endedBecause) notifyInfo(`You were signed out. ${now.endedBecause.message}`);
      else if (!queries.isMutating({ mutationKey: [LOG_OUT_KEY] })) notifyInfo('You were signed out in another tab.');
    }
    // What one account was shown is nothing for the next.
    if (now.uid !== before.uid || now.loggedIn !== before.loggedIn) queries.getQueryCache().clear();
    before = now;
  });
}
