import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { browserPorts, createSession, type LatchkeySession } from '@latchkey/flutterflow-client';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { createAppRouter } from './app_router.tsx';
import type { AppConfig } from './config/app_config.ts';
import { ConfigContext } from './config/config_context.ts';
import { CallLog } from './developer/call_log.ts';
import { CallLogContext } from './developer/call_log_context.ts';
import { navigationOf } from './session/navigation.ts';
import { createQueryClient } from './session/queries.ts';
import { SessionContext } from './session/session_context.ts';
import { watchSession } from './session/watch_session.ts';
import classes from './app.module.css';
import { theme } from './theme/theme.ts';

const BASE = /^\/app/;

interface Parts {
  session: LatchkeySession;
  queries: QueryClient;
  router: ReturnType<typeof createAppRouter>;
  calls: CallLog;
}

function assemble(config: AppConfig): Parts {
  const calls = new CallLog();
  const session = createSession({
    baseUrl: config.apiBase,
    ports: browserPorts(),
    persist: config.persist,
    navigation: navigationOf(config),
    observer: (record) => calls.add(record),
  });
  session.open(`${location.pathname.replace(BASE, '') || '/'}${location.search}`);
  session.startAutoRefresh();
  const queries = createQueryClient();
  watchSession(session, queries);
  return { session, queries, router: createAppRouter(session), calls };
}

export function App({ config }: { config: AppConfig }) {
  const [{ session, queries, router, calls }] = useState(() => assemble(config));
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <ConfigContext value={config}>
        <CallLogContext value={calls}>
          <SessionContext value={session}>
            <QueryClientProvider client={queries}>
              <Notifications position="bottom-right" limit={3} className={classes.snackBars} />
              <RouterProvider router={router} />
            </QueryClientProvider>
          </SessionContext>
        </CallLogContext>
      </ConfigContext>
    </MantineProvider>
  );
}
