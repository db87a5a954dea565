// A small Latchkey in memory that keeps the HTTP contract, for tests without a socket. Its time is injected.

import type { Clock, FetchPort } from '../ports.ts';

export interface FakeServerOptions {
  clock: Clock;
  accessLifetimeSeconds?: number;
  sessionLifetimeSeconds?: number;
  graceSeconds?: number;
}

interface Account {
  id: string;
  email: string;
  password: string;
  data: Record<string, unknown>;
  banned: boolean;
  createdAt: number;
}

interface Session {
  id: string;
  uid: string;
  counter: number;
  rotatedAt: number;
  successorSeen: boolean;
  expiresAt: number;
  createdAt: number;
  ended: 'signed_out' | 'revoked' | 'refresh_reused' | null;
  access: string;
}

interface Access {
  session: string;
  expiresAt: number;
}

interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

interface Refusal {
  status: number;
  message: string;
}

const kErrors: Readonly<Record<string, Refusal>> = {
  invalid_credentials: { status: 400, message: 'Invalid login credentials' },
  user_already_exists: { status: 422, message: 'User already registered' },
  weak_password: { status: 422, message: 'Password is too weak' },
  user_banned: { status: 403, message: 'User is banned' },
  validation_failed: { status: 400, message: 'Some fields are missing or not valid' },
  bad_json: { status: 400, message: 'The request body is not valid JSON' },
  not_found: { status: 404, message: 'There is nothing at this address' },
  no_authorization: { status: 401, message: 'This endpoint requires a signed-in user' },
  bearer_unset: { status: 401, message: 'The access token is missing' },
  bearer_placeholder: { status: 401, message: 'The access token is a placeholder' },
  bearer_doubled: { status: 401, message: 'The word Bearer stands twice' },
  bearer_prefix_missing: { status: 401, message: 'The word Bearer is missing before the token' },
  token_expired: { status: 401, message: 'The access token has expired' },
  bad_jwt: { status: 401, message: 'The access token is not valid' },
  session_not_found: { status: 401, message: 'The session has ended' },
  refresh_token_not_found: { status: 400, message: 'Invalid Refresh Token: Refresh Token Not Found' },
  refresh_token_already_used: { status: 400, message: 'Invalid Refresh Token: Already Used' },
  session_expired: { status: 400, message: 'The session has expired' },
};

/** What the server is asked, for tests that count. */
export interface SeenRequest {
  method: string;
  path: string;
  authorization: string;
  body: string;
}

export class FakeServer {
  readonly requests: SeenRequest[] = [];
  readonly #clock: Clock;
  readonly #accessLifetime: number;
  readonly #sessionLifetime: number;
  readonly #grace: number;
  readonly #accounts = new Map<string, Account>();
  readonly #sessions = new Map<string, Session>();
  readonly #access = new Map<string, Access>();
  #nextId = 1;

  constructor(options: FakeServerOptions) {
    this.#clock = options.clock;
    this.#accessLifetime = options.accessLifetimeSeconds ?? 3600;
    this.#sessionLifetime = options.sessionLifetimeSeconds ?? 30 * 86_400;
    this.#grace = options.graceSeconds ?? 30;
  }

  /** To be injected as fetch. Answers paths below any host and /auth/v1. */
  readonly fetch: FetchPort = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const path = url.pathname.replace(/^.*\/auth\/v1/, '');
    const body = await request.text();
    const authorization = request.headers.get('authorization') ?? '';
    this.requests.push({ method: request.method, path: path + url.search, authorization, body });
    const answer = this.#answer(request.method, path, url.searchParams, authorization, body);
    const headers = new Headers({
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Request-Id': `request-${this.requests.length}`,
      ...answer.headers,
    });
    return new Response(answer.body === null ? null : JSON.stringify(answer.body), { status: answer.status, headers });
  };

  /** How often a path was asked. */
  count(path: string): number {
    return this.requests.filter((request) => request.path === path).length;
  }

  ban(email: string): void {
    const account = this.#accounts.get(email.toLowerCase());
    if (account !== undefined) account.banned = true;
  }

  /** As an administrator ends all sessions of an account. */
  revokeSessionsOf(email: string): void {
    const uid = this.#accounts.get(email.toLowerCase())?.id;
    for (const session of this.#sessions.values()) if (session.uid === uid) session.ended ??= 'revoked';
  }

  #answer(method: string, path: string, query: URLSearchParams, authorization: string, text: string): Answer {
    let body: Record<string, unknown> = {};
    if (text !== '') {
      try {
        body = JSON.parse(text) as Record<string, unknown>;
      } catch {
        return this.#refuse('bad_json');
      }
    }
    switch (`${method} ${path}`) {
      case 'POST /signup':
        return this.#signUp(body);
      case 'POST /login':
        return this.#logIn(body);
      case 'POST /refresh':
        return this.#refresh(body);
      case 'GET /health':
        return { status: 200, body: { name: 'Latchkey', version: 'fake', description: 'In memory', status: 'ok' } };
    }
    const signedIn = this.#authenticate(authorization);
    if ('status' in signedIn) return signedIn;
    switch (`${method} ${path}`) {
      case 'GET /user':
        return { status: 200, body: this.#userOf(signedIn.uid) };
      case 'PATCH /user':
        return this.#update(signedIn, body);
      case 'POST /logout':
        return this.#logOut(signedIn, query.get('scope') ?? 'global');
      case 'GET /sessions':
        return { status: 200, body: { sessions: this.#rows(signedIn) } };
    }
    const id = /^\/sessions\/(.+)$/.exec(path)?.[1];
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (method !== 'DELETE' || session?.uid !== signedIn.uid) return this.#refuse('not_found');
    session.ended ??= 'revoked';
    return { status: 204, body: null };
  }

  #signUp(body: Record<string, unknown>): Answer {
    const { email, password } = body;
    const data = typeof body.data === 'object' && body.data !== null ? (body.data as Record<string, unknown>) : {};
    if (typeof email !== 'string' || !/^\S+@\S+$/.test(email)) {
      return this.#refuse('validation_failed', { fields: { email: 'Send an email address.' } });
    }
    if (typeof password !== 'string')
      return this.#refuse('validation_failed', { fields: { password: 'Send a text.' } });
    if (password.length < 8) {
      const weak = { reasons: ['length'], message: 'Password should be at least 8 characters.' };
      return this.#refuse('weak_password', { weak_password: weak });
    }
    if (this.#accounts.has(email.toLowerCase())) return this.#refuse('user_already_exists');
    const id = this.#uuid();
    this.#accounts.set(email.toLowerCase(), {
      id,
      email,
      password,
      data,
      banned: false,
      createdAt: this.#clock.now(),
    });
    return this.#newSession(id);
  }

  #logIn(body: Record<string, unknown>): Answer {
    const name = body.identifier ?? body.email;
    if (typeof name !== 'string')
      return this.#refuse('validation_failed', { fields: { email: 'Send an identifier.' } });
    const account = this.#accounts.get(name.toLowerCase());
    if (account === undefined || account.password !== body.password) return this.#refuse('invalid_credentials');
    return account.banned ? this.#refuse('user_banned') : this.#newSession(account.id);
  }

  #refresh(body: Record<string, unknown>): Answer {
    const token = body.refresh_token;
    if (typeof token !== 'string' || token === '') {
      return this.#refuse('validation_failed', { fields: { refresh_token: 'Send the newest refresh token.' } });
    }
    const [, id, counterText] = /^lk_rt_(.+)\.(\d+)$/.exec(token) ?? [];
    const session = this.#sessions.get(id ?? '');
    const counter = Number(counterText);
    if (session === undefined || counter > session.counter) return this.#refuse('refresh_token_not_found');
    if (session.ended === 'signed_out') return this.#refuse('refresh_token_not_found');
    if (session.ended === 'refresh_reused') return this.#refuse('refresh_token_already_used');
    const now = this.#clock.now();
    if (session.ended === 'revoked' || now >= session.expiresAt) return this.#refuse('session_expired');
    const repeat =
      counter === session.counter - 1 && (!session.successorSeen || now - session.rotatedAt <= this.#grace * 1000);
    if (counter !== session.counter && !repeat) {
      session.ended = 'refresh_reused';
      return this.#refuse('refresh_token_already_used');
    }
    if ([...this.#accounts.values()].some((account) => account.id === session.uid && account.banned)) {
      return this.#refuse('user_banned');
    }
    if (!repeat) {
      session.counter += 1;
      session.rotatedAt = now;
      session.successorSeen = false;
      session.expiresAt = now + this.#sessionLifetime * 1000;
      this.#issue(session);
    }
    return { status: 200, body: this.#sessionAnswer(session) };
  }

  #authenticate(authorization: string): Session | Answer {
    if (authorization === '') return this.#refuse('no_authorization');
    const [, scheme, rest] = /^(bearer)?\s*(.*)$/i.exec(authorization) ?? [];
    const token = (rest ?? '').trim();
    if (scheme === undefined) return this.#refuse('bearer_prefix_missing');
    if (token === '' || token === 'null' || token === 'undefined') return this.#refuse('bearer_unset');
    if (/^[[<]\w+[\]>]$/.test(token)) return this.#refuse('bearer_placeholder');
    if (/^bearer\b/i.test(token)) return this.#refuse('bearer_doubled');
    const access = this.#access.get(token);
    const session = this.#sessions.get(access?.session ?? '');
    if (access === undefined || session === undefined) return this.#refuse('bad_jwt');
    if (this.#clock.now() >= access.expiresAt) return this.#refuse('token_expired');
    if (session.ended !== null) return this.#refuse('session_not_found');
    if (token === session.access) session.successorSeen = true;
    return session;
  }

  #update(session: Session, body: Record<string, unknown>): Answer {
    const account = this.#account(session.uid);
    if (typeof body.password === 'string') account.password = body.password;
    Object.assign(account.data, body.data ?? {});
    return { status: 200, body: this.#userOf(session.uid) };
  }

  #logOut(session: Session, scope: string): Answer {
    for (const other of this.#sessions.values()) {
      const own = other.id === session.id;
      if (other.uid !== session.uid || (scope === 'local' && !own) || (scope === 'others' && own)) continue;
      other.ended ??= 'signed_out';
    }
    return { status: 204, body: null };
  }

  #newSession(uid: string): Answer {
    const now = this.#clock.now();
    const session: Session = {
      id: this.#uuid(),
      uid,
      counter: 1,
      rotatedAt: now,
      successorSeen: false,
      expiresAt: now + this.#sessionLifetime * 1000,
      createdAt: now,
      ended: null,
      access: '',
    };
    this.#sessions.set(session.id, session);
    this.#issue(session);
    return { status: 200, body: this.#sessionAnswer(session) };
  }

  #issue(session: Session): void {
    session.access = `eyJmYWtlIjoidG9rZW4ifQ.${session.id}.${this.#nextId++}`;
    this.#access.set(session.access, {
      session: session.id,
      expiresAt: this.#clock.now() + this.#accessLifetime * 1000,
    });
  }

  #sessionAnswer(session: Session): Record<string, unknown> {
    const ends = this.#access.get(session.access)?.expiresAt ?? 0;
    return {
      access_token: session.access,
      token_type: 'bearer',
      expires_in: this.#accessLifetime,
      ...times('expires_at', ends),
      refresh_token: `lk_rt_${session.id}.${session.counter}`,
      ...times('session_expires_at', session.expiresAt),
      uid: session.uid,
      user: this.#userOf(session.uid),
    };
  }

  #account(uid: string): Account {
    const account = [...this.#accounts.values()].find((candidate) => candidate.id === uid);
    if (account === undefined) throw new Error(`no account ${uid}`);
    return account;
  }

  #userOf(uid: string): Record<string, unknown> {
    const account = this.#account(uid);
    const at = iso(account.createdAt);
    return {
      id: uid,
      aud: 'authenticated',
      role: 'authenticated',
      email: account.email,
      email_confirmed_at: at,
      phone: '',
      phone_confirmed_at: '',
      username: '',
      confirmed_at: at,
      last_sign_in_at: at,
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: { ...account.data },
      identities: [],
      is_anonymous: false,
      created_at: at,
      updated_at: at,
    };
  }

  #rows(own: Session): Record<string, unknown>[] {
    return [...this.#sessions.values()]
      .filter((session) => session.uid === own.uid && session.ended === null)
      .map((session) => ({
        id: session.id,
        current: session.id === own.id,
        created_at: iso(session.createdAt),
        refreshed_at: iso(session.rotatedAt),
        expires_at: iso(session.expiresAt),
        ip: '127.0.0.1',
        user_agent: 'test',
      }));
  }

  #refuse(code: string, more: Record<string, unknown> = {}): Answer {
    const refusal = kErrors[code];
    if (refusal === undefined) throw new Error(`no error ${code}`);
    return {
      status: refusal.status,
      body: {
        code,
        error_code: code,
        message: refusal.message,
        msg: refusal.message,
        hint: `What to change about ${code}.`,
        request_id: `request-${this.requests.length}`,
        ...more,
      },
    };
  }

  #uuid(): string {
    return `0190d3a1-7c2b-7e55-8f00-${String(this.#nextId++).padStart(12, '0')}`;
  }
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

function times(name: string, milliseconds: number): Record<string, number | string> {
  const seconds = Math.floor(milliseconds / 1000);
  return { [name]: seconds, [`${name}_ms`]: seconds * 1000, [`${name}_iso`]: iso(milliseconds) };
}
