import type { ApiCallRecord } from '@latchkey/flutterflow-client';
import { createContext, use, useSyncExternalStore } from 'react';
import type { CallLog } from './call_log.ts';

export const CallLogContext = createContext<CallLog | undefined>(undefined);

export function useCallLog(): CallLog {
  const log = use(CallLogContext);
  if (!log) throw new Error('The call log is made before anything is shown.');
  return log;
}

export function useCalls(): readonly ApiCallRecord[] {
  const log = useCallLog();
  return useSyncExternalStore(log.subscribe, log.getSnapshot);
}
