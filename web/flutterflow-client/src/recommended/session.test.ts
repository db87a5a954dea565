import { beforeEach, describe, expect, it } from 'vitest';

import { LatchkeyError } from './error.ts';
import { LatchkeySession } from './session.ts';
import { FakeServer } from '../testing/fake_server.ts';
import { FakeBrowser, ManualTime, SteeredFetch } from '../testing/ports.ts';
import type { ApiCallRecord } from './observer.ts';
import type { SessionOptions } from './session.ts';

const kEmail = 'ada@example.com';
const kPassword = 'violet-harbour-41-kettle';
const kHour = 3_600_000;
const kRoutes = [
  { name: 'Login', path: '/login' },
  { name: 'SignUp', path: '/sign-up' },
  { name: 'Home', path: '/home', requireAuth: true },
  { name: 'Account', path: '/account', requireAuth: true },
];

let time: ManualTime;
let server: FakeServer;
let steered: SteeredFetch;
let browser: FakeBrowser;
let records: ApiCallRecord[];

beforeEach(() => {
  time = new ManualTime();
  server = new FakeServer({ clock: time });
  steered = new SteeredFetch(server.fetch);
  browser = new FakeBrowser();
  records = [];
});

function newTab(at = '/', changes: Partial<SessionOptions> = {}): LatchkeySession {
  const session = new LatchkeySession({
    baseUrl: 'https://auth.test/auth/v1/',
    ports: browser.tab(time, steered.fetch),
    navigation: { entryPage: 'Login', loggedInPage: 'Home', after: 'automatic', routes: kRoutes },
    observer: (record) => records.push(record),
    ...changes,
  });
  session.open(at);
  return session;
}

async function signedIn(at = '/', changes: Partial<SessionOptions> = {}): Promise<LatchkeySession> {
  const session = newTab(at, changes);
  await session.signUp({ email: kEmail, password: kPassword });
  return session;
}

function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ code, message: code, hint: 'h', request_id: 'r' }, { status, headers });
}

async function failure(promise: Promise<unknown>): Promise<LatchkeyError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LatchkeyError)) throw new Error('expected a LatchkeyError');
  return error;
}

describe('signing in', () => {
  it('passes all five fields, with the end of the session as the expiry', async () => {
    const session = await signedIn();
    const { auth } = session;
    expect(auth.authenticationToken).toMatch(/^eyJ/);
    expect(auth.refreshToken).toMatch(/^lk_rt_/);
    expect(auth.tokenExpiration?.getTime()).toBe(time.now() + 30 * 24 * kHour);
    expect(auth.uid).toBe(session.getSnapshot().user?.id);
    expect(auth.userData).toMatchObject({ access_expires_at_ms: time.now() + kHour, user: { email: kEmail } });
    expect(session.getSnapshot()).toMatchObject({ loggedIn: true, refreshing: false, endedBecause: null });
    expect(session.getSnapshot().accessExpiresAt?.getTime()).toBe(time.now() + kHour);
  });

  it('leads to the logged-in page when navigation is automatic, and stays when it is manual', async () => {
    expect((await signedIn()).router?.getSnapshot().page).toBe('Home');
    browser = new FakeBrowser();
    server = new FakeServer({ clock: time });
    steered = new SteeredFetch(server.fetch);
    const navigation = { entryPage: 'Login', loggedInPage: 'Home', after: 'manual' as const, routes: kRoutes };
    const manual = await signedIn('/login', { navigation });
    expect(manual.getSnapshot().loggedIn).toBe(true);
    expect(manual.router?.getSnapshot().page).toBe('Login');
  });

  it('leads back to the protected page that was asked for', async () => {
    const session = newTab('/account?tab=2');
    expect(session.router?.getSnapshot()).toMatchObject({ page: 'Login', storedLocation: '/account?tab=2' });
    await session.signUp({ email: kEmail, password: kPassword });
    expect(session.router?.getSnapshot()).toMatchObject({ location: '/account?tab=2', page: 'Account' });
  });

  it('sends passwords with quotes, backslashes, control characters, umlauts and emoji as they are', async () => {
    const password = 'a "quoted" \\ back\u0001slash\n\t über 🔑';
    const session = newTab();
    await session.signUp({ email: kEmail, password });
    await session.logOut();
    await session.signIn({ identifier: kEmail, password });
    expect(session.getSnapshot().loggedIn).toBe(true);
  });

  it('throws what the server said', async () => {
    const session = newTab();
    const weak = await failure(session.signUp({ email: kEmail, password: 'short' }));
    expect(weak).toMatchObject({ status: 422, code: 'weak_password', weakPasswordReasons: ['length'] });
    expect(weak.message).toBe('Password should be at least 8 characters.');
    expect(weak.hint).not.toBe('');
    expect(weak.requestId).toBe('request-1');
    const invalid = await failure(session.signUp({ email: 'nobody', password: kPassword }));
    expect(invalid.fields).toEqual({ email: 'Send an email address.' });
    const wrong = await failure(session.signIn({ identifier: kEmail, password: 'wrong' }));
    expect(wrong).toMatchObject({ status: 400, code: 'invalid_credentials', message: 'Invalid login credentials' });
    expect(session.getSnapshot().loggedIn).toBe(false);
  });

  it.each([
    ['an HTML page with status 502', new Response('<html>', { status: 502 }), 502],
    ['an HTML page with status 200', new Response('<html>', { status: 200 }), 200],
    ['half a session', Response.json({ access_token: 'eyJ' }), 200],
    ['an empty answer', new Response(null, { status: 204 }), 204],
  ])('does not sign in on %s', async (_, response, status) => {
    const session = newTab();
    steered.answerWith(() => response);
    const error = await failure(session.signIn({ identifier: kEmail, password: kPassword }));
    expect(error).toMatchObject({ status, code: 'unexpected_answer', transient: true });
    expect(session.getSnapshot().loggedIn).toBe(false);
    expect(session.auth.authenticationToken).toBeNull();
  });

  it('says when nothing answers, and when it takes too long', async () => {
    const session = newTab();
    steered.answerWith(() => new TypeError('Failed to fetch'));
    const away = await failure(session.signIn({ identifier: kEmail, password: kPassword }));
    expect(away).toMatchObject({ status: -1, code: 'no_answer', transient: true });
    steered.behave();
    const held = steered.hold();
    const slow = failure(session.signIn({ identifier: kEmail, password: kPassword }));
    await held;
    time.advance(30_000);
    expect(await slow).toMatchObject({ status: -1, code: 'timeout' });
  });

  it('hands over how long to wait', async () => {
    const session = newTab();
    steered.answerWith(() => refusal(429, 'over_request_rate_limit', { 'Retry-After': '17' }));
    expect((await failure(session.signIn({ identifier: kEmail, password: kPassword }))).retryAfter).toBe(17);
    const date = new Date(time.now() + 9_000).toUTCString();
    steered.answerWith(() => refusal(503, 'overloaded', { 'Retry-After': date }));
    expect((await failure(session.signIn({ identifier: kEmail, password: kPassword }))).retryAfter).toBe(9);
  });
});

describe('the refresh', () => {
  it('happens before the first call in the last minute of the access token, and not earlier', async () => {
    const session = await signedIn();
    time.advance(kHour - 61_000);
    await session.user();
    expect(server.count('/refresh')).toBe(0);
    time.advance(1_000);
    await session.user();
    expect(server.count('/refresh')).toBe(1);
    expect(records.map(({ status }) => status)).not.toContain(401);
  });

  it.each([-5 * kHour, 5 * kHour])('does not mind a device clock that is wrong by %i ms', async (wrong) => {
    server = new FakeServer({ clock: { now: () => time.now() - wrong } });
    steered = new SteeredFetch(server.fetch);
    const session = await signedIn();
    time.advance(kHour - 61_000);
    await session.user();
    expect(server.count('/refresh')).toBe(0);
    time.advance(1_000);
    await session.user();
    expect(server.count('/refresh')).toBe(1);
  });

  it('happens in the last fifth of a token that lives ten seconds', async () => {
    server = new FakeServer({ clock: time, accessLifetimeSeconds: 10 });
    steered = new SteeredFetch(server.fetch);
    const session = await signedIn();
    time.advance(7_999);
    await session.user();
    expect(server.count('/refresh')).toBe(0);
    time.advance(1);
    await session.user();
    expect(server.count('/refresh')).toBe(1);
  });

  it('does not go round in circles with tokens that are over when they come', async () => {
    server = new FakeServer({ clock: time, accessLifetimeSeconds: 0 });
    steered = new SteeredFetch(server.fetch);
    const session = await signedIn();
    expect((await failure(session.user())).code).toBe('token_expired');
    expect(records.map(({ name }) => name)).toEqual(['Sign up', 'Refresh', 'User', 'Refresh', 'User']);
    expect(session.getSnapshot().loggedIn).toBe(true);
  });

  it('replaces all five fields, in storage too', async () => {
    const session = await signedIn();
    const before = browser.storage.entries();
    time.advance(kHour);
    await session.refresh();
    const after = browser.storage.entries();
    expect(Object.keys(after)).toHaveLength(5);
    expect(after['flutter._auth_authentication_token_']).not.toBe(before['flutter._auth_authentication_token_']);
    expect(after['flutter._auth_refresh_token_']).not.toBe(before['flutter._auth_refresh_token_']);
    expect(after['flutter._auth_token_expiration_']).toBe(String(time.now() + 30 * 24 * kHour));
    expect(after['flutter._auth_uid_']).toBe(before['flutter._auth_uid_']);
    expect(session.auth.userData).toMatchObject({ access_expires_at_ms: time.now() + kHour });
  });

  it('is one for calls at the same time, before they are sent', async () => {
    const session = await signedIn();
    time.advance(kHour);
    await Promise.all([session.user(), session.sessions(), session.call({ method: 'GET', path: '/user' })]);
    expect(server.count('/refresh')).toBe(1);
  });

  it('is one for several 401s at the same time, and each call is tried once more', async () => {
    const session = await signedIn();
    let refused = 3;
    steered.answerWith((path) => (path === '/user' && refused-- > 0 ? refusal(401, 'token_expired') : null));
    await Promise.all([session.user(), session.user(), session.user()]);
    expect(records.filter(({ name }) => name === 'Refresh')).toHaveLength(1);
    expect(records.filter(({ name }) => name === 'User')).toHaveLength(6);
  });

  it('follows a 401 with exactly one retry, and a second 401 is not taken for the end', async () => {
    const session = await signedIn();
    steered.answerWith((path) => (path === '/user' ? refusal(401, 'token_expired') : null));
    const error = await failure(session.user());
    expect(error).toMatchObject({ status: 401, code: 'token_expired' });
    expect(records.filter(({ name }) => name === 'User')).toHaveLength(2);
    expect(server.count('/refresh')).toBe(1);
    expect(session.getSnapshot().loggedIn).toBe(true);
  });

  it.each([400, 403, 404, 422, 429, 500, 503, -1])(
    'does not follow a %i, and nothing is tried again',
    async (status) => {
      const session = await signedIn();
      steered.answerWith((path) => {
        if (path !== '/user') return null;
        return status === -1 ? new TypeError('Failed to fetch') : refusal(status, 'some_code');
      });
      expect((await failure(session.user())).status).toBe(status);
      expect(records.map(({ name }) => name)).toEqual(['Sign up', 'User']);
    },
  );

  it('goes on with the old token when the refresh fails for now and the token is still good', async () => {
    const session = await signedIn();
    time.advance(kHour - 30_000);
    steered.answerWith((path) => (path === '/refresh' ? refusal(503, 'overloaded') : null));
    expect((await session.user()).email).toBe(kEmail);
  });

  it('says whether it is running', async () => {
    const session = await signedIn();
    const seen: boolean[] = [];
    session.subscribe(() => seen.push(session.getSnapshot().refreshing));
    time.advance(1_000);
    await session.refresh();
    expect(seen[0]).toBe(true);
    expect(session.getSnapshot().refreshing).toBe(false);
  });

  it('happens by itself when asked to, as long as somebody is signed in', async () => {
    const session = await signedIn();
    session.startAutoRefresh();
    const refreshed = steered.hold();
    time.advance(kHour - 60_000);
    await refreshed;
    steered.release();
    await session.user();
    expect(server.count('/refresh')).toBe(1);
    await session.logOut();
    expect(time.waiting).toBe(0);
  });

  it('waits as the server asks before it tries again by itself', async () => {
    const session = await signedIn();
    session.startAutoRefresh();
    let asked = 0;
    steered.answerWith((path) => {
      if (path === '/refresh') ++asked;
      return path === '/refresh' ? refusal(503, 'overloaded', { 'Retry-After': '120' }) : null;
    });
    time.advance(kHour - 60_000);
    await failure(session.refresh()); // shares the one that is running
    await session.health();
    expect(asked).toBe(1);
    time.advance(119_999);
    await session.health();
    expect(asked).toBe(1);
    time.advance(1);
    await failure(session.refresh());
    expect(asked).toBe(2);
    expect(session.getSnapshot().loggedIn).toBe(true);
  });
});

describe('what ends a session', () => {
  it.each([
    [400, 'refresh_token_not_found'],
    [400, 'refresh_token_already_used'],
    [400, 'session_expired'],
    [403, 'user_banned'],
  ])('a refresh answered %i %s', async (status, code) => {
    const session = await signedIn('/account');
    steered.answerWith((path) => (path === '/refresh' ? refusal(status, code) : null));
    expect((await failure(session.refresh())).code).toBe(code);
    expect(session.getSnapshot()).toMatchObject({ loggedIn: false, user: null, endedBecause: { code } });
    expect(session.router?.getSnapshot()).toMatchObject({ page: 'Login', storedLocation: null });
    expect(browser.storage.entries()).toEqual({});
  });

  it('a session that was revoked', async () => {
    const session = await signedIn();
    server.revokeSessionsOf(kEmail);
    await failure(session.user());
    expect(session.getSnapshot()).toMatchObject({ loggedIn: false, endedBecause: { code: 'session_expired' } });
  });

  it('session_not_found after a refresh that worked', async () => {
    const session = await signedIn();
    steered.answerWith((path) => (path === '/user' ? refusal(401, 'session_not_found') : null));
    await failure(session.user());
    expect(session.getSnapshot()).toMatchObject({ loggedIn: false, endedBecause: { code: 'session_not_found' } });
  });

  it('user_banned on a call', async () => {
    const session = await signedIn();
    steered.answerWith((path) => (path === '/user' ? refusal(403, 'user_banned') : null));
    await failure(session.user());
    expect(session.getSnapshot().endedBecause?.code).toBe('user_banned');
  });

  it('is forgotten at the next login', async () => {
    const session = await signedIn();
    server.revokeSessionsOf(kEmail);
    await failure(session.user());
    await session.signIn({ identifier: kEmail, password: kPassword });
    expect(session.getSnapshot()).toMatchObject({ loggedIn: true, endedBecause: null });
  });

  it.each([
    ['no answer', () => new TypeError('Failed to fetch')],
    ['500', () => refusal(500, 'internal_error')],
    ['503', () => refusal(503, 'storage_unavailable')],
    ['429', () => refusal(429, 'over_request_rate_limit')],
    ['a proxy’s page with 502', () => new Response('<html>', { status: 502 })],
    ['a proxy’s page with 403', () => new Response('<html>', { status: 403 })],
    ['a proxy’s page with 200', () => new Response('<html>', { status: 200 })],
    ['400 validation_failed', () => refusal(400, 'validation_failed')],
    ['404', () => refusal(404, 'not_found')],
    ['401 bad_jwt', () => refusal(401, 'bad_jwt')],
  ])('is not: %s, at a refresh or at a call', async (_, answer) => {
    const session = await signedIn();
    const token = session.auth.authenticationToken;
    time.advance(2 * kHour);
    steered.answerWith(answer);
    await failure(session.refresh());
    await failure(session.user());
    expect(session.getSnapshot()).toMatchObject({ loggedIn: true, endedBecause: null });
    expect(session.auth.authenticationToken).toBe(token);
    steered.behave();
    expect((await session.user()).email).toBe(kEmail);
  });
});

describe('starting again', () => {
  it('finds the session, days later', async () => {
    await signedIn();
    time.advance(20 * 24 * kHour);
    const session = newTab('/');
    expect(session.getSnapshot()).toMatchObject({ loggedIn: true, user: { email: kEmail } });
    expect(session.router?.getSnapshot().page).toBe('Home');
    await session.user();
    expect(server.count('/refresh')).toBe(1);
  });

  it('is signed out after the end of the session, and forgets what it left behind', async () => {
    await signedIn();
    time.advance(31 * 24 * kHour);
    const session = newTab('/account');
    expect(session.getSnapshot().loggedIn).toBe(false);
    expect(browser.storage.entries()).toEqual({});
    await session.signIn({ identifier: kEmail, password: kPassword });
    // Not stuck, and the page that was asked for is shown.
    expect(session.router?.getSnapshot().page).toBe('Account');
  });

  it('happens once, however often it is asked for', async () => {
    const session = await signedIn();
    session.open('/account');
    expect(session.router?.getSnapshot().page).toBe('Home');
  });

  it('keeps nothing with persist off', async () => {
    await signedIn('/', { persist: false });
    expect(browser.storage.entries()).toEqual({});
    expect(newTab('/', { persist: false }).getSnapshot().loggedIn).toBe(false);
  });

  it('starts on what it cannot read, and drops it', () => {
    browser.storage.setItem('flutter._auth_uid_', 'not json');
    browser.storage.setItem('flutter._auth_authentication_token_', '"eyJ"');
    const session = newTab('/');
    expect(session.getSnapshot().loggedIn).toBe(false);
    expect(browser.storage.entries()).toEqual({});
  });

  it('works without navigation', async () => {
    const make = (): LatchkeySession =>
      new LatchkeySession({ baseUrl: 'https://auth.test/auth/v1', ports: browser.tab(time, steered.fetch) });
    const session = make();
    session.open();
    await session.signUp({ email: kEmail, password: kPassword });
    expect(session.router).toBeNull();
    time.advance(31 * 24 * kHour);
    make().open();
    expect(browser.storage.entries()).toEqual({});
  });
});

describe('several tabs', () => {
  it('share a login, a refresh and a logout', async () => {
    const first = newTab('/login');
    const second = newTab('/');
    await first.signUp({ email: kEmail, password: kPassword });
    time.advance(20);
    expect(second.getSnapshot()).toMatchObject({ loggedIn: true, user: { email: kEmail } });
    expect(second.router?.getSnapshot().page).toBe('Home');

    time.advance(kHour);
    await first.refresh();
    time.advance(20);
    expect(second.auth.authenticationToken).toBe(first.auth.authenticationToken);
    expect(second.auth.refreshToken).toBe(first.auth.refreshToken);

    second.router?.open('/account');
    await first.logOut();
    time.advance(20);
    expect(second.getSnapshot().loggedIn).toBe(false);
    expect(second.router?.getSnapshot()).toMatchObject({ page: 'Login', storedLocation: null });
  });

  it('never send an old refresh token: who comes second reads before it refreshes', async () => {
    const first = await signedIn();
    const second = newTab('/');
    time.advance(kHour);
    await Promise.all([first.user(), second.user()]);
    expect(server.count('/refresh')).toBe(1);
    // News from the other tab have not come yet, and the refresh is due in both.
    await first.refresh();
    time.advance(60 * 60_000);
    expect(await Promise.all([second.user(), first.user()])).toHaveLength(2);
    const sent = server.requests.filter(({ path }) => path === '/refresh').map(({ body }) => body);
    expect(new Set(sent).size).toBe(sent.length);
  });

  it('do not bring back a session that another tab ended while the refresh was on its way', async () => {
    const first = await signedIn();
    const second = newTab('/');
    time.advance(kHour);
    const reached = steered.hold();
    const refreshing = failure(first.refresh());
    await reached;
    second.auth.signOut();
    steered.release();
    expect((await refreshing).code).toBe('signed_out');
    expect(first.getSnapshot().loggedIn).toBe(false);
    expect(browser.storage.entries()).toEqual({});
  });

  it('without a common lock, do not end a session that the other one has just refreshed', async () => {
    const first = await signedIn();
    const { storage, storageEvents, clock, timers, fetch } = browser.tab(time, steered.fetch);
    const alone = { exclusively: <T>(_: string, action: () => Promise<T>): Promise<T> => action() };
    const second = newTab('/', { ports: { storage, storageEvents, clock, timers, fetch, locks: alone } });
    await first.user();
    let asked = false;
    steered.answerWith((path) => {
      if (path !== '/refresh' || asked) return null;
      asked = true;
      return refusal(400, 'refresh_token_already_used');
    });
    const late = steered.hold();
    const refreshing = second.refresh();
    await late;
    first.auth.updateAuthUserData({
      authenticationToken: 'eyJ.newer',
      refreshToken: 'lk_rt_newer',
      tokenExpiration: first.auth.tokenExpiration,
      authUid: first.auth.uid,
      userData: first.auth.userData,
    });
    steered.release();
    await refreshing;
    expect(second.getSnapshot().loggedIn).toBe(true);
    expect(second.auth.refreshToken).toBe('lk_rt_newer');
  });

  it('stop listening when closed', async () => {
    const first = await signedIn();
    const second = newTab('/');
    second.close();
    await first.logOut();
    time.advance(1_000);
    expect(second.getSnapshot().loggedIn).toBe(true);
  });
});

describe('logging out', () => {
  it('tells the server, with a fresh token if need be, and shows the entry page', async () => {
    const session = await signedIn('/account');
    time.advance(2 * kHour);
    expect(await session.logOut()).toEqual({ serverTold: true });
    expect(server.requests.at(-1)?.path).toBe('/logout?scope=local');
    expect(server.count('/refresh')).toBe(1);
    expect(session.getSnapshot()).toMatchObject({ loggedIn: false, endedBecause: null });
    expect(session.router?.getSnapshot().page).toBe('Login');
    expect(browser.storage.entries()).toEqual({});
  });

  it('works without a server', async () => {
    const session = await signedIn();
    steered.answerWith(() => new TypeError('Failed to fetch'));
    expect(await session.logOut({ scope: 'global' })).toEqual({ serverTold: false });
    expect(session.getSnapshot().loggedIn).toBe(false);
  });

  it('waits five seconds at most', async () => {
    const session = await signedIn();
    const reached = steered.hold();
    const out = session.logOut();
    await reached;
    time.advance(5_000);
    expect(await out).toEqual({ serverTold: false });
    expect(session.getSnapshot().loggedIn).toBe(false);
    steered.release();
  });

  it('of other sessions leaves this one', async () => {
    const other = await signedIn();
    browser = new FakeBrowser();
    const session = newTab();
    await session.signIn({ identifier: kEmail, password: kPassword });
    expect(await session.sessions()).toHaveLength(2);
    await session.logOut({ scope: 'others' });
    expect(await session.sessions()).toHaveLength(1);
    expect(session.getSnapshot().loggedIn).toBe(true);
    await failure(other.user());
    expect(other.getSnapshot().loggedIn).toBe(false);
  });
});

describe('the account', () => {
  it('keeps what the server says of the person', async () => {
    const session = await signedIn();
    const before = session.auth.refreshToken;
    await session.updateUser({ data: { full_name: 'Ada' } });
    expect(session.getSnapshot().user?.user_metadata).toEqual({ full_name: 'Ada' });
    expect(session.auth.refreshToken).toBe(before);
    expect(newTab('/').getSnapshot().user?.user_metadata).toEqual({ full_name: 'Ada' });
  });

  it('lists and revokes sessions', async () => {
    const session = await signedIn();
    const [row] = await session.sessions();
    expect(row?.current).toBe(true);
    await session.revokeSession(row?.id ?? '');
    await failure(session.user());
    expect(session.getSnapshot().loggedIn).toBe(false);
  });

  it('asks nothing when nobody is signed in', async () => {
    const session = newTab();
    expect((await failure(session.user())).code).toBe('signed_out');
    expect(server.requests).toHaveLength(0);
    expect((await session.health()).status).toBe('ok');
  });
});

describe('what is shown to a developer', () => {
  it('is every call, without passwords and tokens', async () => {
    const session = await signedIn();
    await session.user();
    await failure(session.signIn({ identifier: kEmail, password: 'wrong-password-1' }));
    expect(records.map(({ method, path, status }) => [method, path, status])).toEqual([
      ['POST', '/auth/v1/signup', 200],
      ['GET', '/auth/v1/user', 200],
      ['POST', '/auth/v1/login', 400],
    ]);
    expect(records[2]).toMatchObject({ code: 'invalid_credentials', requestId: 'request-3' });
    expect(records[2]?.hint).not.toBe('');
    const text = JSON.stringify([records, session.describeHeld()]);
    expect(text).not.toContain(kPassword);
    expect(text).not.toContain('wrong-password-1');
    expect(text).not.toContain(session.auth.authenticationToken ?? '');
    expect(text).not.toContain(session.auth.refreshToken ?? '');
    expect(session.describeHeld().stored).toHaveLength(5);
  });

  it('keeps the snapshot the same object until something changes', async () => {
    const session = await signedIn();
    const before = session.getSnapshot();
    await session.health();
    expect(session.getSnapshot()).toBe(before);
  });
});
