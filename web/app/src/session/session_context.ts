// The session of the app, and what components see of it.
import type { LatchkeySession, SessionState } from '@latchkey/flutterflow-client';
import { createContext, use, useSyncExternalStore } from 'react';

export const SessionContext = createContext<LatchkeySession | undefined>(undefined);

export function useSession(): LatchkeySession {
  const session = use(SessionContext);
  if (!session) throw new Error('The session is made before anything is shown.');
  return session;
}

export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.getSnapshot);
}
