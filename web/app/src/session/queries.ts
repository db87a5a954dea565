// The client of TanStack Query: every failure of a query or an action shows in a snack bar, once.
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { LatchkeyError } from '@latchkey/flutterflow-client';
import { failureOf } from '../feedback/failure.ts';
import { hideFailures, notifyFailure } from '../feedback/notify.tsx';

const RETRIES = 1;

function showFailure(error: Error): void {
  notifyFailure(failureOf(error));
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: showFailure }),
    mutationCache: new MutationCache({ onMutate: hideFailures, onError: showFailure }),
    defaultOptions: {
      // Whether there is a network is for the call to find out; paused queries would wait without a word.
      mutations: { networkMode: 'always', retry: false },
      queries: {
        networkMode: 'always',
        staleTime: 10_000,
        retry: (count, error) => count < RETRIES && error instanceof LatchkeyError && error.transient,
      },
    },
  });
}

export const SESSIONS_KEY = 'sessions';
export const LOG_OUT_KEY = 'log-out';
