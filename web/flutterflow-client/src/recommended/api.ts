// The typed client of Latchkey's HTTP API. It keeps nothing: tokens are handed in.

import { LatchkeyError, TimeoutError, asRecord } from './error.ts';
import { recordOf } from './observer.ts';
import { absoluteBaseUrl } from '../base_url.ts';
import { ApiManager } from '../model/api_manager.ts';
import type { ApiObserver } from './observer.ts';
import type {
  ApiRequest,
  HealthAnswer,
  LatchkeyUser,
  LogOutScope,
  SessionAnswer,
  SessionRow,
  SignInInput,
  SignUpInput,
  UpdateUserInput,
} from './types.ts';
import type { ApiCallResponse } from '../model/api_manager.ts';
import type { Clock, FetchPort, TimersPort } from '../ports.ts';

export interface LatchkeyApiOptions {
  /** Such as https://auth.example.com/auth/v1; "/auth/v1" is the server that served the page. */
  baseUrl: string;
  fetch: FetchPort;
  clock: Clock;
  timers: TimersPort;
  observer?: ApiObserver;
  /** How long a call may take; 30 s without it. */
  timeoutMs?: number;
}

const kTimeoutMs = 30_000;

export class LatchkeyApi {
  readonly baseUrl: string;
  readonly #clock: Clock;
  readonly #timers: TimersPort;
  readonly #fetch: FetchPort;
  readonly #timeoutMs: number;
  readonly #observer: ApiObserver;
  #nextId = 1;

  constructor(options: LatchkeyApiOptions) {
    this.baseUrl = absoluteBaseUrl(options.baseUrl);
    this.#clock = options.clock;
    this.#timers = options.timers;
    this.#fetch = options.fetch;
    this.#timeoutMs = options.timeoutMs ?? kTimeoutMs;
    this.#observer = options.observer ?? (() => undefined);
  }

  async signUp(input: SignUpInput): Promise<SessionAnswer> {
    return this.#session({ method: 'POST', path: '/signup', body: input, name: 'Sign up' });
  }

  async logIn(input: SignInInput): Promise<SessionAnswer> {
    return this.#session({ method: 'POST', path: '/login', body: input, name: 'Log in' });
  }

  async refresh(refreshToken: string): Promise<SessionAnswer> {
    const body = { refresh_token: refreshToken };
    return this.#session({ method: 'POST', path: '/refresh', body, name: 'Refresh' });
  }

  async logOut(accessToken: string, scope: LogOutScope): Promise<void> {
    await this.request({ method: 'POST', path: `/logout?scope=${scope}`, name: 'Log out' }, accessToken);
  }

  async user(accessToken: string): Promise<LatchkeyUser> {
    return (await this.request({ method: 'GET', path: '/user', name: 'User' }, accessToken)) as LatchkeyUser;
  }

  async updateUser(accessToken: string, input: UpdateUserInput): Promise<LatchkeyUser> {
    const request: ApiRequest = { method: 'PATCH', path: '/user', body: input, name: 'Update user' };
    return (await this.request(request, accessToken)) as LatchkeyUser;
  }

  async sessions(accessToken: string): Promise<SessionRow[]> {
    const answer = await this.request({ method: 'GET', path: '/sessions', name: 'Sessions' }, accessToken);
    return (asRecord(answer).sessions ?? []) as SessionRow[];
  }

  async revokeSession(accessToken: string, id: string): Promise<void> {
    const path = `/sessions/${encodeURIComponent(id)}`;
    await this.request({ method: 'DELETE', path, name: 'Revoke session' }, accessToken);
  }

  async health(): Promise<HealthAnswer> {
    return (await this.request({ method: 'GET', path: '/health', name: 'Health' })) as HealthAnswer;
  }

  /** Any call; answers the JSON, null for an empty answer. Throws LatchkeyError for everything but success. */
  async request(request: ApiRequest, accessToken?: string): Promise<unknown> {
    const response = await this.#send(request, accessToken);
    const empty = response.bodyText === '';
    if (!response.succeeded || (response.jsonBody === null && !empty)) throw this.#error(response);
    return response.jsonBody;
  }

  async #session(request: ApiRequest): Promise<SessionAnswer> {
    const response = await this.#send(request, undefined);
    // Nobody is signed in on half an answer, such as a proxy's page with status 200.
    if (!response.succeeded || !isSessionAnswer(response.jsonBody)) throw this.#error(response);
    return response.jsonBody;
  }

  #error(response: ApiCallResponse): LatchkeyError {
    return LatchkeyError.of(response, this.#clock.now());
  }

  async #send(request: ApiRequest, accessToken: string | undefined): Promise<ApiCallResponse> {
    const manager = new ApiManager({
      fetch: (input, init) => this.#fetchInTime(input, init),
      now: () => this.#clock.now(),
      onTrace: (trace) => this.#observer(recordOf(this.#nextId++, trace)),
    });
    return manager.makeApiCall({
      callName: request.name ?? `${request.method} ${request.path}`,
      callType: request.method,
      apiUrl: this.baseUrl + request.path,
      headers: accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` },
      params: {},
      bodyType: request.body === undefined ? 'NONE' : 'JSON',
      body: request.body === undefined ? null : JSON.stringify(request.body),
      returnBody: true,
      encodeBodyUtf8: true,
      decodeUtf8: true,
      cache: false,
    });
  }

  async #fetchInTime(input: string, init: RequestInit): Promise<Response> {
    const timeoutMs = this.#timeoutMs;
    const abort = new AbortController();
    let cancel = (): void => undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = this.#timers.after(timeoutMs, () => {
        reject(new TimeoutError(`no answer within ${timeoutMs} ms`));
        abort.abort();
      });
    });
    const whole = async (): Promise<Response> => {
      const response = await this.#fetch(input, { ...init, signal: abort.signal });
      const bytes = await response.arrayBuffer();
      const { status, headers } = response;
      return new Response(bytes.byteLength === 0 ? null : bytes, { status, headers });
    };
    try {
      return await Promise.race([whole(), late]);
    } finally {
      cancel();
    }
  }
}

function isSessionAnswer(value: unknown): value is SessionAnswer {
  const answer = asRecord(value);
  const texts = ['access_token', 'refresh_token', 'uid', 'session_expires_at_iso'];
  return (
    texts.every((name) => typeof answer[name] === 'string' && answer[name] !== '') &&
    typeof answer.expires_in === 'number' &&
    typeof answer.session_expires_at === 'number' &&
    typeof asRecord(answer.user).id === 'string'
  );
}
