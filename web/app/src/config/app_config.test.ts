import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from './app_config.ts';

const right = {
  title: 'Latchkey',
  entry_page: 'login',
  logged_in_page: 'home',
  navigation: 'automatic',
  persist: true,
  api_base: '/auth/v1/',
};

describe('parseConfig', () => {
  it('reads what the server sends', () => {
    expect(parseConfig(right)).toEqual({
      title: 'Latchkey',
      entryPage: 'login',
      loggedInPage: 'home',
      navigation: 'automatic',
      persist: true,
      apiBase: '/auth/v1',
    });
  });

  it.each([
    [{ entry_page: 'dashboard' }, 'entry_page must be one of login, signup, home, account.'],
    [{ logged_in_page: 'login' }, 'must differ'],
    [{ navigation: 'sometimes' }, 'navigation must be automatic or manual.'],
    [{ persist: 'yes' }, 'persist must be true or false.'],
    [{ title: '' }, 'title must be a text'],
    [{ api_base: undefined }, 'api_base must be a text'],
  ])('says what is wrong with %o', (change, message) => {
    expect(() => parseConfig({ ...right, ...change })).toThrow(message);
  });

  it.each([null, 'text', 7])('refuses %o', (json) => {
    expect(() => parseConfig(json)).toThrow(ConfigError);
  });
});
