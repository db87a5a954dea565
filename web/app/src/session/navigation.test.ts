import { describe, expect, it } from 'vitest';
import type { AppConfig } from '../config/app_config.ts';
import { navigationOf } from './navigation.ts';

const config: AppConfig = {
  title: 'Latchkey',
  entryPage: 'login',
  loggedInPage: 'home',
  navigation: 'manual',
  persist: true,
  apiBase: '/auth/v1',
};

function protectedPages(changes: Partial<AppConfig>): string[] {
  const { routes } = navigationOf({ ...config, ...changes });
  return routes.filter((route) => route.requireAuth).map((route) => route.name);
}

describe('navigationOf', () => {
  it('takes entry page, logged-in page and navigation from the configuration', () => {
    expect(navigationOf(config)).toMatchObject({ entryPage: 'login', loggedInPage: 'home', after: 'manual' });
  });

  it('protects home and account', () => {
    expect(protectedPages({})).toEqual(['home', 'account']);
  });

  it('never protects the entry page', () => {
    expect(protectedPages({ entryPage: 'home', loggedInPage: 'account' })).toEqual(['account']);
  });
});
