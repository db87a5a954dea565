// What the lab does to time and to the server's answers, as wrappers of fetch: the server itself behaves well.

import { asRecord } from '../recommended/error.ts';
import type { FetchPort, ShiftedClock } from '../ports.ts';

export type Condition =
  'the browser refuses the answers (CORS)' | 'a refresh token works once, without grace' | 'the uid is a number';

export function withCondition(fetch: FetchPort, condition: Condition): FetchPort {
  switch (condition) {
    case 'the browser refuses the answers (CORS)':
      return () => Promise.reject(new TypeError('Failed to fetch'));
    case 'a refresh token works once, without grace':
      return strictRefresh(fetch);
    case 'the uid is a number':
      return (input, init) => changed(fetch(input, init), (body) => ({ ...body, uid: 4711 }));
  }
}

/**
 * The server's time cannot be moved from a browser. So answers get times moved as far as the lab's clock, and an
 * access token that is over by that clock is refused here as the server would refuse it.
 */
export function withLabTime(fetch: FetchPort, clock: ShiftedClock): FetchPort {
  const ends = new Map<string, number>();
  return async (input, init) => {
    const token = /^Bearer (\S+)$/.exec(new Headers(init.headers).get('authorization') ?? '')?.[1] ?? '';
    const end = ends.get(token);
    if (end !== undefined && clock.now() >= end) {
      return refusal(401, 'token_expired', 'The access token has expired');
    }
    return changed(fetch(input, init), (body) => {
      const { access_token: access, expires_in: seconds } = body;
      if (typeof access === 'string' && typeof seconds === 'number' && !ends.has(access)) {
        ends.set(access, clock.now() + seconds * 1000);
      }
      return { ...body, ...moved(body, 'expires_at', clock.shift), ...moved(body, 'session_expires_at', clock.shift) };
    });
  };
}

function moved(body: Record<string, unknown>, name: string, shift: number): Record<string, unknown> {
  const seconds = body[name];
  if (typeof seconds !== 'number') return {};
  const at = seconds + Math.round(shift / 1000);
  const iso = new Date(at * 1000).toISOString().replace('.000Z', 'Z');
  return { [name]: at, [`${name}_ms`]: at * 1000, [`${name}_iso`]: iso };
}

function strictRefresh(fetch: FetchPort): FetchPort {
  const first = new Map<string, Promise<Response>>();
  return async (input, init) => {
    if (!new URL(input).pathname.endsWith('/refresh')) return fetch(input, init);
    const token = typeof init.body === 'string' ? init.body : '';
    const before = first.get(token);
    if (before === undefined) {
      const answer = fetch(input, init);
      first.set(token, answer);
      return answer;
    }
    // The server would answer one after the other.
    await before.catch(() => undefined);
    return refusal(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used');
  };
}

// Only session answers are changed.
async function changed(
  asked: Promise<Response>,
  change: (body: Record<string, unknown>) => Record<string, unknown>,
): Promise<Response> {
  const response = await asked;
  if (!response.ok || response.status === 204) return response;
  const body = asRecord(
    await response
      .clone()
      .json()
      .catch(() => null),
  );
  if (body.access_token === undefined) return response;
  return new Response(JSON.stringify(change(body)), { status: response.status, headers: response.headers });
}

function refusal(status: number, code: string, message: string): Response {
  const hint = 'The lab answers this in place of the server.';
  return Response.json({ code, error_code: code, message, msg: message, hint, request_id: 'lab' }, { status });
}
