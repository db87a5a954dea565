// TanStack Router shows the pages; FlutterFlow's router, as the client package models it, decides which.
import type { LatchkeySession } from '@latchkey/flutterflow-client';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { PageSkeleton } from './layout/page_skeleton.tsx';
import { Shell } from './layout/shell.tsx';
import { LoginPage } from './pages/login/login_page.tsx';
import { BrokenPage } from './pages/broken_page.tsx';
import { NotFoundPage } from './pages/not_found_page.tsx';
import { isPage } from './config/app_config.ts';
import { PAGE_PATHS } from './session/navigation.ts';

const BASE = '/app';

interface RouterContext {
  session: LatchkeySession;
  // Asks the model where to go instead of `wanted`.
  decide: (wanted: string) => string;
}

const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Shell,
  notFoundComponent: NotFoundPage,
  beforeLoad: ({ context, location, cause }) => {
    if (cause === 'preload') return;
    const wanted = `${location.pathname}${location.searchStr}`;
    const decided = context.decide(wanted);
    if (decided !== wanted) redirect({ href: `${BASE}${decided}`, replace: true, throw: true });
  },
});

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: ({ context }) => {
    const page = context.session.router?.getSnapshot().page;
    redirect({ to: isPage(page) ? PAGE_PATHS[page] : PAGE_PATHS.login, replace: true, throw: true });
  },
});

const loginRoute = createRoute({ getParentRoute: () => rootRoute, path: '/login', component: LoginPage });

const signUpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/signup',
  component: lazyRouteComponent(() => import('./pages/signup/sign_up_page.tsx'), 'SignUpPage'),
});

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/home',
  component: lazyRouteComponent(() => import('./pages/home/home_page.tsx'), 'HomePage'),
});

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/account/account_page.tsx'), 'AccountPage'),
});

const labRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/lab',
  validateSearch: (search): { case?: string } => (typeof search.case === 'string' ? { case: search.case } : {}),
  component: lazyRouteComponent(() => import('./lab/lab_page.tsx'), 'LabPage'),
});

const routeTree = rootRoute.addChildren([indexRoute, loginRoute, signUpRoute, homeRoute, accountRoute, labRoute]);

export function createAppRouter(session: LatchkeySession) {
  let deciding = false;
  const decide = (wanted: string): string => {
    deciding = true;
    try {
      return session.router?.open(wanted).location ?? wanted;
    } finally {
      deciding = false;
    }
  };

  const router = createRouter({
    routeTree,
    basepath: BASE,
    context: { session, decide },
    defaultPendingComponent: PageSkeleton,
    defaultErrorComponent: BrokenPage,
    scrollRestoration: true,
  });

  // Where the model goes by itself (after login, after logout, when another tab logs out), the page follows.
  session.router?.listen(({ location }) => {
    const shown = `${router.latestLocation.pathname}${router.latestLocation.searchStr}`;
    if (!deciding && location !== shown) router.history.replace(`${BASE}${location}`);
  });
  return router;
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
  interface HistoryState {
    // What was typed on the sign-up page, for the login page.
    identifier?: string;
  }
}
