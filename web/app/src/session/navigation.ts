// The pages as FlutterFlow's router knows them. Paths are below /app.
import type { NavigationOptions } from '@latchkey/flutterflow-client';
import type { AppConfig, PageName } from '../config/app_config.ts';

export const PAGE_PATHS = { login: '/login', signup: '/signup', home: '/home', account: '/account' } as const;
export const PAGE_TITLES: Record<PageName, string> = {
  login: 'Log in',
  signup: 'Sign up',
  home: 'Home',
  account: 'Account',
};

const PROTECTED: readonly PageName[] = ['home', 'account'];

// The entry page is what signed-out people see, so it is never protected, whatever it is.
export function isProtected(page: PageName, config: AppConfig): boolean {
  return PROTECTED.includes(page) && page !== config.entryPage;
}

export function navigationOf(config: AppConfig): NavigationOptions {
  const pages = Object.entries(PAGE_PATHS) as [PageName, string][];
  return {
    entryPage: config.entryPage,
    loggedInPage: config.loggedInPage,
    after: config.navigation,
    routes: [
      ...pages.map(([name, path]) => ({ name, path, requireAuth: isProtected(name, config) })),
      { name: 'lab', path: '/lab' },
    ],
  };
}
