import type { LogOutScope } from '@latchkey/flutterflow-client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { notifyInfo, notifySuccess } from '../feedback/notify.tsx';
import { LOG_OUT_KEY, SESSIONS_KEY } from './queries.ts';
import { useSession } from './session_context.ts';

const DONE: Record<LogOutScope, string> = {
  local: 'You are logged out.',
  others: 'Your other sessions were ended.',
  global: 'You are logged out everywhere.',
};

const NOT_TOLD =
  'You are logged out here. The server could not be told, so the session lives on there until it ends by itself.';

export function useLogOut() {
  const session = useSession();
  const queries = useQueryClient();
  return useMutation({
    mutationKey: [LOG_OUT_KEY],
    mutationFn: (scope: LogOutScope) => session.logOut({ scope }),
    onSuccess: ({ serverTold }, scope) => {
      if (serverTold) notifySuccess(DONE[scope]);
      else notifyInfo(NOT_TOLD);
      if (scope === 'others') void queries.invalidateQueries({ queryKey: [SESSIONS_KEY] });
    },
  });
}
