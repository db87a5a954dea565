// What the client relies on. Runs against the server in memory; with LATCHKEY_URL against a real one, so that the two agree.

import { beforeAll, describe, expect, it } from 'vitest';

import { FakeServer } from './fake_server.ts';
import { systemClock, systemTimers } from '../ports.ts';
import { LatchkeyApi } from '../recommended/api.ts';
import { LatchkeyError } from '../recommended/error.ts';
import type { SessionAnswer } from '../recommended/types.ts';

declare const process: { env: Record<string, string | undefined> };
const baseUrl = process.env.LATCHKEY_URL ?? 'http://fake.test/auth/v1';
const server = new FakeServer({ clock: systemClock });
const fetchPort =
  process.env.LATCHKEY_URL === undefined ? server.fetch : (input: string, init: RequestInit) => fetch(input, init);
const api = new LatchkeyApi({ baseUrl, fetch: fetchPort, clock: systemClock, timers: systemTimers });

const account = {
  email: `contract-${crypto.randomUUID()}@example.com`,
  password: 'say "hi" \\ to 41 kettles, Jürgen 🔑',
};
let session: SessionAnswer;

async function refusalOf(promise: Promise<unknown>): Promise<[number, string]> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (!(error instanceof LatchkeyError)) throw new Error('expected a LatchkeyError');
  expect(error.message).not.toBe('');
  expect(error.hint).not.toBe('');
  expect(error.requestId).not.toBe('');
  return [error.status, error.code];
}

beforeAll(async () => {
  session = await api.signUp({ ...account, data: { full_name: 'Ada' } });
});

describe('the session answer', () => {
  it('is complete, and its types are what FlutterFlow maps', () => {
    for (const name of ['access_token', 'refresh_token', 'uid', 'expires_at_iso', 'session_expires_at_iso'] as const) {
      expect(session[name], name).toMatch(/./);
    }
    for (const name of [
      'expires_in',
      'expires_at',
      'expires_at_ms',
      'session_expires_at',
      'session_expires_at_ms',
    ] as const) {
      expect(Number.isInteger(session[name]), name).toBe(true);
    }
    expect(session.expires_at_ms).toBe(session.expires_at * 1000);
    // The session's end has milliseconds; the other two are cut off at the second.
    expect(Math.floor(session.session_expires_at_ms / 1000)).toBe(session.session_expires_at);
    expect(Date.parse(session.session_expires_at_iso)).toBe(session.session_expires_at * 1000);
    expect(session.session_expires_at).toBeGreaterThan(session.expires_at);
    expect(session.user).toMatchObject({ id: session.uid, email: account.email, username: '', phone: '' });
    expect(session.user.user_metadata).toEqual({ full_name: 'Ada' });
  });
});

describe('refusals', () => {
  it('of sign-up and login', async () => {
    expect(await refusalOf(api.signUp(account))).toEqual([422, 'user_already_exists']);
    expect(await refusalOf(api.signUp({ email: 'x', password: account.password }))).toEqual([400, 'validation_failed']);
    const weak: unknown = await api
      .signUp({ email: `weak-${account.email}`, password: 'short' })
      .catch((reason: unknown) => reason);
    expect(weak).toMatchObject({ status: 422, code: 'weak_password' });
    expect((weak as LatchkeyError).weakPasswordReasons).toContain('length');
    expect(await refusalOf(api.logIn({ identifier: account.email, password: 'wrong' }))).toEqual([
      400,
      'invalid_credentials',
    ]);
  });

  it.each([
    ['', 'bearer_unset'],
    ['null', 'bearer_unset'],
    ['[token]', 'bearer_placeholder'],
    ['Bearer x', 'bearer_doubled'],
    ['eyJhbGciOiJub25lIn0.e30.', 'bad_jwt'],
  ])('of the bearer "%s": %s', async (token, code) => {
    expect(await refusalOf(api.user(token))).toEqual([401, code]);
  });

  it('of a call without a bearer, and of a path that is not there', async () => {
    expect(await refusalOf(api.request({ method: 'GET', path: '/user' }))).toEqual([401, 'no_authorization']);
    expect(await refusalOf(api.revokeSession(session.access_token, session.uid))).toEqual([404, 'not_found']);
  });
});

describe('a session', () => {
  it('is refreshed with one successor for all who ask at once, and ended by an older token', async () => {
    const first = await api.logIn({ identifier: account.email, password: account.password });
    const answers = await Promise.all([1, 2, 3].map(() => api.refresh(first.refresh_token)));
    expect(new Set(answers.map(({ refresh_token }) => refresh_token)).size).toBe(1);
    const second = answers[0]?.refresh_token ?? '';
    const third = await api.refresh(second);
    expect(await refusalOf(api.refresh(first.refresh_token))).toEqual([400, 'refresh_token_already_used']);
    expect(await refusalOf(api.refresh(third.refresh_token))).toEqual([400, 'refresh_token_already_used']);
    expect(await refusalOf(api.user(third.access_token))).toEqual([401, 'session_not_found']);
    expect(await refusalOf(api.refresh('null'))).toEqual([400, 'refresh_token_not_found']);
    expect(await refusalOf(api.refresh(''))).toEqual([400, 'validation_failed']);
    expect(await refusalOf(api.refresh('lk_rt_nonsense'))).toEqual([400, 'refresh_token_not_found']);
  });

  it('is over after a logout, at once', async () => {
    const mine = await api.logIn({ identifier: account.email, password: account.password });
    await api.logOut(mine.access_token, 'local');
    expect(await refusalOf(api.user(mine.access_token))).toEqual([401, 'session_not_found']);
    expect(await refusalOf(api.refresh(mine.refresh_token))).toEqual([400, 'refresh_token_not_found']);
  });

  it('is listed, revoked and left alone', async () => {
    const mine = await api.logIn({ email: account.email, password: account.password });
    const other = await api.logIn({ identifier: account.email, password: account.password });
    const rows = await api.sessions(mine.access_token);
    expect(rows.filter(({ current }) => current)).toHaveLength(1);
    const own = (await api.sessions(other.access_token)).find(({ current }) => current);
    await api.revokeSession(mine.access_token, own?.id ?? '');
    expect(await refusalOf(api.refresh(other.refresh_token))).toEqual([400, 'session_expired']);
    await api.logOut(mine.access_token, 'others');
    expect(await api.sessions(mine.access_token)).toHaveLength(1);
  });

  it('belongs to somebody who can change', async () => {
    const mine = await api.logIn({ identifier: account.email, password: account.password });
    const changed = await api.updateUser(mine.access_token, { data: { full_name: 'Ada Lovelace 🔑' } });
    expect(changed.user_metadata).toEqual({ full_name: 'Ada Lovelace 🔑' });
    expect(await api.user(mine.access_token)).toMatchObject({ id: mine.uid, user_metadata: changed.user_metadata });
  });
});

it('tells how it is', async () => {
  expect(await api.health()).toMatchObject({ name: 'Latchkey', status: 'ok' });
});
