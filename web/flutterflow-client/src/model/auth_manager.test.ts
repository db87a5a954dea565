import { beforeEach, describe, expect, it } from 'vitest';

import { AuthAssertionError, AuthManager } from './auth_manager.ts';
import { MemoryStorage } from '../ports.ts';
import { ManualTime } from '../testing/ports.ts';
import type { AuthManagerOptions, AuthUser } from './auth_manager.ts';

let storage: MemoryStorage;
let time: ManualTime;

beforeEach(() => {
  storage = new MemoryStorage();
  time = new ManualTime();
});

function start(changes: Partial<AuthManagerOptions> = {}): AuthManager {
  const auth = new AuthManager({ storage, clock: time, ...changes });
  auth.initialize();
  return auth;
}

const inAnHour = (): Date => new Date(time.now() + 3_600_000);
const all = () => ({
  authenticationToken: 'eyJ.a',
  refreshToken: 'lk_rt_1',
  tokenExpiration: inAnHour(),
  authUid: 'u1',
  userData: { name: 'Ada "the first"' },
});

describe('signIn and updateAuthUserData', () => {
  it('validate nothing and count as logged in, even without a token', () => {
    const auth = start();
    expect(auth.signIn({})).toEqual({ loggedIn: true, uid: null, userData: null });
    expect(auth.loggedIn).toBe(true);
    auth.updateAuthUserData({ authenticationToken: 'null', authUid: '' });
    expect([auth.loggedIn, auth.authenticationToken, auth.uid]).toEqual([true, 'null', '']);
  });

  it.each(['signIn', 'updateAuthUserData'] as const)(
    '%s replaces every field and removes what is left out',
    (action) => {
      const auth = start();
      auth.signIn(all());
      auth[action]({ authenticationToken: 'eyJ.b' });
      expect(auth.authenticationToken).toBe('eyJ.b');
      expect([auth.refreshToken, auth.tokenExpiration, auth.uid, auth.userData]).toEqual([null, null, null, null]);
      expect(storage.entries()).toEqual({ 'flutter._auth_authentication_token_': '"eyJ.b"' });
    },
  );

  it('leave user data out where the project has no type for it', () => {
    const auth = start({ hasUserData: false });
    auth.signIn(all());
    expect(auth.userData).toBeNull();
    expect(Object.keys(storage.entries())).not.toContain('flutter._auth_user_data_');
  });
});

describe('what is stored', () => {
  it('is JSON under prefixed keys, the expiry in whole milliseconds, user data as JSON in a text', () => {
    start().signIn({ ...all(), tokenExpiration: new Date(1_700_003_600_000) });
    expect(storage.entries()).toEqual({
      'flutter._auth_authentication_token_': '"eyJ.a"',
      'flutter._auth_refresh_token_': '"lk_rt_1"',
      'flutter._auth_token_expiration_': '1700003600000',
      'flutter._auth_uid_': '"u1"',
      'flutter._auth_user_data_': JSON.stringify(JSON.stringify({ name: 'Ada "the first"' })),
    });
  });

  it('is nothing with persist off, and nothing is read then', () => {
    start().signIn(all());
    const before = storage.entries();
    const auth = start({ persist: false });
    expect([auth.loggedIn, auth.authenticationToken]).toEqual([false, null]);
    auth.signIn({ authenticationToken: 'other' });
    expect(storage.entries()).toEqual(before);
  });

  it('is gone after signOut, which makes every field null', () => {
    const auth = start();
    auth.signIn(all());
    auth.signOut();
    expect([auth.authenticationToken, auth.refreshToken, auth.tokenExpiration]).toEqual([null, null, null]);
    expect(auth.currentUser).toEqual({ loggedIn: false, uid: null, userData: null });
    expect(storage.entries()).toEqual({});
  });
});

describe('loggedIn at the start', () => {
  it('needs a token', () => {
    start().signIn({ authUid: 'u1', tokenExpiration: inAnHour() });
    const auth = start();
    expect([auth.loggedIn, auth.uid]).toEqual([false, 'u1']);
  });

  it('is true with a token whose expiry is to come, and everything is back', () => {
    start().signIn(all());
    const auth = start();
    expect(auth.loggedIn).toBe(true);
    expect(auth.tokenExpiration).toEqual(inAnHour());
    expect(auth.userData).toEqual({ name: 'Ada "the first"' });
  });

  it('is false once the expiry is past; token, refresh token and uid stay loaded', () => {
    start().signIn(all());
    time.advance(3_600_001);
    const auth = start();
    expect(auth.currentUser).toMatchObject({ loggedIn: false, uid: 'u1' });
    expect([auth.authenticationToken, auth.refreshToken]).toEqual(['eyJ.a', 'lk_rt_1']);
  });

  it('lasts for ever without an expiry', () => {
    start().signIn({ authenticationToken: 'eyJ.a' });
    time.advance(20 * 365 * 24 * 3_600_000);
    expect(start().loggedIn).toBe(true);
  });

  it('is the only time the expiry is looked at: no timer runs, and time passing changes nothing', () => {
    const auth = start();
    const seen: AuthUser[] = [];
    auth.listen((user) => seen.push(user));
    auth.signIn(all());
    expect(time.waiting).toBe(0);
    time.advance(48 * 3_600_000);
    expect(auth.loggedIn).toBe(true);
    expect(seen).toHaveLength(2);
  });
});

describe('updateAuthUserData while logged out', () => {
  it('throws in debug builds and changes nothing', () => {
    const auth = start({ build: 'debug' });
    expect(() => auth.updateAuthUserData(all())).toThrow(AuthAssertionError);
    expect(auth.loggedIn).toBe(false);
  });

  it('passes in release builds, and logs in', () => {
    const auth = start({ build: 'release' });
    auth.updateAuthUserData(all());
    expect(auth.loggedIn).toBe(true);
  });
});

it('tells a listener at once, and every change', () => {
  const auth = start();
  const seen: boolean[] = [];
  const stop = auth.listen((user) => seen.push(user.loggedIn));
  auth.signIn(all());
  auth.updateAuthUserData(all());
  auth.signOut();
  stop();
  auth.signIn(all());
  expect(seen).toEqual([false, true, true, false]);
});

it('does not start on a stored value of another type', () => {
  storage.setItem('flutter._auth_token_expiration_', '"2026-01-01"');
  expect(() => start()).toThrow(TypeError);
});
