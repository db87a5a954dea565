// The wiring Latchkey recommends, on the model of FlutterFlow's client: who is signed in, and staying signed in.

import { LatchkeyApi } from './api.ts';
import { LatchkeyError, asRecord } from './error.ts';
import { redactValue, shortenToken } from './redaction.ts';
import { FlutterFlowApp } from '../model/app.ts';
import { AuthManager, kAuthKeys } from '../model/auth_manager.ts';
import { dateTimeFromSecondsSinceEpoch } from '../model/dart_values.ts';
import { kSharedPreferencesPrefix } from '../model/shared_preferences.ts';
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
import type { AuthFields } from '../model/auth_manager.ts';
import type { FlutterFlowRouter, PageRoute } from '../model/router.ts';
import type { SessionPorts } from '../ports.ts';

export interface NavigationOptions {
  entryPage: string;
  loggedInPage: string;
  /** What follows login and sign-up: the logged-in page, or nothing. */
  after: 'automatic' | 'manual';
  routes: readonly PageRoute[];
}

export interface SessionOptions {
  /** Such as https://auth.example.com/auth/v1; "/auth/v1" is the server that served the page. */
  baseUrl: string;
  ports: SessionPorts;
  /** Persist Auth Sessions; on without it. */
  persist?: boolean;
  /** Without it the app navigates by itself. */
  navigation?: NavigationOptions;
  observer?: ApiObserver;
  /** How long a call may take; 30 s without it. */
  timeoutMs?: number;
}

export interface SessionState {
  readonly loggedIn: boolean;
  readonly uid: string | null;
  readonly user: LatchkeyUser | null;
  /** End of the access token, by the clock of this device. */
  readonly accessExpiresAt: Date | null;
  /** End of the session: FlutterFlow's Token Expiry Time. */
  readonly sessionExpiresAt: Date | null;
  readonly refreshing: boolean;
  /** Why the session ended, when it was not the person who ended it. */
  readonly endedBecause: { readonly code: string; readonly message: string } | null;
}

export interface HeldDescription {
  /** The five fields of the session holder, and whether it counts as logged in. */
  fields: { name: string; value: string }[];
  stored: { key: string; value: string }[];
}

// Kept in the user data, because FlutterFlow's Token Expiry Time is taken by the end of the session. Times of this
// device, counted from when the answer came, so that a clock that is wrong does no harm.
interface KeptUserData {
  access_expires_at_ms: number;
  refresh_at_ms: number;
  user: LatchkeyUser;
}

const kRefreshAheadMs = 60_000;
const kRefreshAheadShare = 0.2;
const kLogOutTimeoutMs = 5_000;
const kSettleMs = 20;
const kAutoRefreshLeastMs = 5_000;
const kAutoRefreshMostMs = 3_600_000;

// Answers to a refresh that mean: this session will not come back.
const kEndings: readonly { status: number; code: string }[] = [
  { status: 400, code: 'refresh_token_not_found' },
  { status: 400, code: 'refresh_token_already_used' },
  { status: 400, code: 'session_expired' },
  { status: 403, code: 'user_banned' },
  { status: 401, code: 'session_not_found' },
];

export class LatchkeySession {
  readonly api: LatchkeyApi;
  /** The session holder of the model, for a look at it. */
  readonly auth: AuthManager;
  /** Null when the app navigates by itself. */
  readonly router: FlutterFlowRouter | null;

  readonly #options: SessionOptions;
  readonly #persist: boolean;
  readonly #app: FlutterFlowApp | null;
  readonly #lockName: string;
  readonly #listeners = new Set<() => void>();
  readonly #closers: (() => void)[] = [];
  #opened = false;
  #state: SessionState;
  #refreshInFlight: Promise<void> | null = null;
  #endedBecause: SessionState['endedBecause'] = null;
  #lastSeenStored = '';
  #cancelReread: (() => void) | null = null;
  #autoRefresh = false;
  #cancelAutoRefresh: (() => void) | null = null;

  constructor(options: SessionOptions) {
    const { ports } = options;
    this.#options = options;
    this.#persist = options.persist ?? true;
    this.api = new LatchkeyApi({ ...options, ...ports });
    this.#lockName = `latchkey.refresh ${this.api.baseUrl}`;
    const holder = { storage: ports.storage, clock: ports.clock, persist: this.#persist };
    this.#app = options.navigation === undefined ? null : new FlutterFlowApp({ ...holder, ...options.navigation });
    this.auth = this.#app?.auth ?? new AuthManager(holder);
    this.router = this.#app?.router ?? null;
    this.#state = this.#makeState();
  }

  /** Reads what is stored and shows the first place. Once, before the first render; a second time does nothing. */
  open(location = '/'): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#dropUnreadable();
    this.#closers.push(
      this.router?.onPageLoad((page) => this.#onPageLoad(page.page)) ?? (() => undefined),
      this.#options.ports.storageEvents.subscribe((key) => this.#onStorageEvent(key)),
    );
    if (this.#app === null) this.auth.initialize();
    else this.#app.start(location);
    this.#lastSeenStored = this.#storedText();
    this.#closers.push(this.auth.listen(() => this.#publish()));
    if (this.#app === null) this.#forgetStaleSession();
  }

  /** Stops listening to other tabs and to the clock. */
  close(): void {
    this.stopAutoRefresh();
    this.#cancelReread?.();
    for (const closer of this.#closers.splice(0)) closer();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** The same object until something changes. */
  readonly getSnapshot = (): SessionState => this.#state;

  async signIn(input: SignInInput): Promise<SessionAnswer> {
    return this.#begin(() => this.api.logIn(input));
  }

  async signUp(input: SignUpInput): Promise<SessionAnswer> {
    return this.#begin(() => this.api.signUp(input));
  }

  /** A protected call: refreshes before it where that is due, and once after a 401. */
  async call<T>(request: ApiRequest): Promise<T> {
    return (await this.#authorized((token) => this.api.request(request, token))) as T;
  }

  async user(): Promise<LatchkeyUser> {
    const user = await this.#authorized((token) => this.api.user(token));
    await this.#keepUser(user);
    return user;
  }

  async updateUser(input: UpdateUserInput): Promise<LatchkeyUser> {
    const user = await this.#authorized((token) => this.api.updateUser(token, input));
    await this.#keepUser(user);
    return user;
  }

  async sessions(): Promise<SessionRow[]> {
    return this.#authorized((token) => this.api.sessions(token));
  }

  async revokeSession(id: string): Promise<void> {
    await this.#authorized((token) => this.api.revokeSession(token, id));
  }

  async health(): Promise<HealthAnswer> {
    return this.api.health();
  }

  /** Now, whether it is due or not. Those who ask while one is running share it. */
  async refresh(): Promise<void> {
    const token = this.#tokenOrThrow();
    await this.#refresh(token);
  }

  /** Refreshes by itself shortly before the access token ends, as long as the page is open. */
  startAutoRefresh(): void {
    this.#autoRefresh = true;
    this.#planAutoRefresh();
  }

  stopAutoRefresh(): void {
    this.#autoRefresh = false;
    this.#cancelAutoRefresh?.();
    this.#cancelAutoRefresh = null;
  }

  /**
   * Tells the server as well as it can, then signs out here whatever came of that. `serverTold` is false when the
   * server did not hear of it: then the session lives on there until it ends by itself.
   */
  async logOut(options: { scope?: LogOutScope } = {}): Promise<{ serverTold: boolean }> {
    const scope = options.scope ?? 'local';
    const end = (token: string): Promise<void> => this.api.logOut(token, scope);
    if (scope === 'others') {
      await this.#authorized(end);
      return { serverTold: true };
    }
    const told = this.#authorized(end).then(
      () => true,
      // A session that is over already is what was wanted.
      (error: unknown) => error instanceof LatchkeyError && isEnding(error),
    );
    const serverTold = await this.#within(kLogOutTimeoutMs, told, false);
    this.#endedBecause = null;
    this.#signOutHere();
    this.#publish();
    return { serverTold };
  }

  /** What the session holder has and what lies in storage, without secrets: for a developer drawer. */
  describeHeld(): HeldDescription {
    const { auth } = this;
    const shown = (token: string | null): string => (token === null ? 'null' : shortenToken(token));
    const { storage } = this.#options.ports;
    return {
      fields: [
        { name: 'loggedIn', value: String(auth.loggedIn) },
        { name: 'authenticationToken', value: shown(auth.authenticationToken) },
        { name: 'refreshToken', value: shown(auth.refreshToken) },
        { name: 'tokenExpiration', value: auth.tokenExpiration?.toISOString() ?? 'null' },
        { name: 'uid', value: auth.uid ?? 'null' },
        { name: 'userData', value: JSON.stringify(redactValue(auth.userData)) },
      ],
      stored: kAuthKeys.flatMap((name) => {
        const key = kSharedPreferencesPrefix + name;
        const value = storage.getItem(key);
        return value === null ? [] : [{ key, value: redactValue(value) as string }];
      }),
    };
  }

  async #within<T>(milliseconds: number, wanted: Promise<T>, otherwise: T): Promise<T> {
    let cancel = (): void => undefined;
    const late = new Promise<T>((resolve) => {
      cancel = this.#options.ports.timers.after(milliseconds, () => resolve(otherwise));
    });
    try {
      return await Promise.race([wanted, late]);
    } finally {
      cancel();
    }
  }

  // ---- signing in -------------------------------------------------------------------------------------

  async #begin(ask: () => Promise<SessionAnswer>): Promise<SessionAnswer> {
    const context = this.router?.context();
    const answer = await ask();
    this.#endedBecause = null;
    const fields = this.#fieldsOf(answer);
    if (this.#app === null) this.auth.signIn(fields);
    else this.#app.logIn(fields, this.#options.navigation?.after === 'manual' ? 'nothing' : 'automatic', context);
    this.#stored();
    return answer;
  }

  // All five, always: what is left out is erased.
  #fieldsOf(answer: SessionAnswer): AuthFields {
    const now = this.#options.ports.clock.now();
    const lifetime = Math.max(0, answer.expires_in * 1000);
    const ahead = Math.min(kRefreshAheadMs, lifetime * kRefreshAheadShare);
    const userData: KeptUserData = {
      access_expires_at_ms: now + lifetime,
      refresh_at_ms: Math.floor(now + lifetime - ahead),
      user: answer.user,
    };
    return {
      authenticationToken: answer.access_token,
      refreshToken: answer.refresh_token,
      tokenExpiration: dateTimeFromSecondsSinceEpoch(answer.session_expires_at),
      authUid: answer.uid,
      userData: { ...userData },
    };
  }

  // ---- protected calls --------------------------------------------------------------------------------

  async #authorized<T>(ask: (accessToken: string) => Promise<T>): Promise<T> {
    await this.#refreshIfDue();
    const token = this.#tokenOrThrow();
    try {
      return await ask(token);
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error;
      if (error.code === 'user_banned' && error.status === 403) this.#end(error);
      if (error.status !== 401) throw error;
    }
    await this.#refresh(token);
    try {
      return await ask(this.#tokenOrThrow());
    } catch (error) {
      if (error instanceof LatchkeyError && isEnding(error)) this.#end(error);
      throw error;
    }
  }

  async #refreshIfDue(): Promise<void> {
    const token = this.#tokenOrThrow();
    const now = this.#options.ports.clock.now();
    const kept = this.#kept();
    if (kept === null || now < kept.refresh_at_ms) return;
    try {
      await this.#refresh(token);
    } catch (error) {
      // The old token is still good for a while: go on with it.
      if (error instanceof LatchkeyError && error.transient && now < kept.access_expires_at_ms) return;
      throw error;
    }
  }

  // ---- the refresh ------------------------------------------------------------------------------------

  // One at a time in this tab, and by the lock in all tabs. `stale` is the access token to be replaced.
  #refresh(stale: string): Promise<void> {
    if (this.auth.loggedIn && this.auth.authenticationToken !== stale) return Promise.resolve();
    this.#refreshInFlight ??= this.#options.ports.locks
      .exclusively(this.#lockName, () => this.#refreshLocked(stale))
      .finally(() => {
        this.#refreshInFlight = null;
        this.#publish();
      });
    this.#publish();
    return this.#refreshInFlight;
  }

  async #refreshLocked(stale: string): Promise<void> {
    // Another tab may have refreshed, or signed out, while this one waited.
    this.#reread();
    if (this.#tokenOrThrow() !== stale) return;
    const presented = this.auth.refreshToken;
    if (presented === null) throw LatchkeyError.signedOut();
    try {
      const answer = await this.api.refresh(presented);
      // Nothing is taken over when somebody signed out or in while the answer was on its way.
      if (this.#stillHolds(presented)) {
        this.auth.updateAuthUserData(this.#fieldsOf(answer));
        this.#stored();
      }
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error;
      // Without a lock over tabs, another one may have been quicker: its tokens are good.
      const ours = this.#stillHolds(presented);
      if (ours && isEnding(error)) this.#end(error);
      if (ours) throw error;
    }
    this.#tokenOrThrow();
  }

  #stillHolds(refreshToken: string): boolean {
    this.#reread();
    return this.auth.loggedIn && this.auth.refreshToken === refreshToken;
  }

  #planAutoRefresh(): void {
    this.#cancelAutoRefresh?.();
    this.#cancelAutoRefresh = null;
    const kept = this.#kept();
    if (!this.#autoRefresh || !this.auth.loggedIn || kept === null) return;
    this.#autoRefreshIn(kept.refresh_at_ms - this.#options.ports.clock.now());
  }

  #autoRefreshIn(milliseconds: number): void {
    const wait = Math.min(Math.max(milliseconds, kAutoRefreshLeastMs), kAutoRefreshMostMs);
    this.#cancelAutoRefresh = this.#options.ports.timers.after(wait, () => {
      this.#cancelAutoRefresh = null;
      const token = this.auth.authenticationToken;
      if (!this.auth.loggedIn || token === null) return;
      this.#refresh(token).then(
        () => this.#planAutoRefresh(),
        (error: unknown) => {
          const retryAfter = error instanceof LatchkeyError ? (error.retryAfter ?? 30) : 30;
          if (this.#autoRefresh && this.auth.loggedIn) this.#autoRefreshIn(retryAfter * 1000);
        },
      );
    });
  }

  // ---- the end ----------------------------------------------------------------------------------------

  #end(error: LatchkeyError): void {
    this.#endedBecause = { code: error.code, message: error.message };
    this.#signOutHere();
    this.#publish();
  }

  #signOutHere(): void {
    if (this.#app === null) this.auth.signOut();
    else this.#app.logOut();
    this.#stored();
  }

  // The cure of the stuck login page: what an ended session left behind is forgotten before the next login. Unlike
  // the Log Out action this keeps the stored location, so that the login still leads to the page that was asked for.
  #onPageLoad(page: string): void {
    if (page === this.#options.navigation?.entryPage) this.#forgetStaleSession();
  }

  #forgetStaleSession(): void {
    const { auth } = this;
    if (auth.loggedIn) return;
    const left = [auth.authenticationToken, auth.refreshToken, auth.tokenExpiration, auth.uid, auth.userData];
    if (left.every((value) => value === null)) return;
    auth.signOut();
    this.#stored();
  }

  // ---- what is stored, and other tabs -----------------------------------------------------------------

  async #keepUser(user: LatchkeyUser): Promise<void> {
    // Under the lock, because all five fields are written and another tab may be replacing the tokens.
    await this.#options.ports.locks.exclusively(this.#lockName, () => {
      this.#reread();
      const kept = this.#kept();
      if (this.auth.loggedIn && this.auth.uid === user.id && kept !== null) {
        this.auth.updateAuthUserData({
          authenticationToken: this.auth.authenticationToken,
          refreshToken: this.auth.refreshToken,
          tokenExpiration: this.auth.tokenExpiration,
          authUid: this.auth.uid,
          userData: { ...kept, user },
        });
        this.#stored();
      }
      return Promise.resolve();
    });
  }

  #onStorageEvent(key: string | null): void {
    if (!this.#persist) return;
    if (key !== null && !key.startsWith(`${kSharedPreferencesPrefix}_auth_`)) return;
    // The five values arrive one after the other; they are read together.
    this.#cancelReread?.();
    this.#cancelReread = this.#options.ports.timers.after(kSettleMs, () => {
      this.#cancelReread = null;
      this.#reread();
    });
  }

  // Takes over what another tab stored. Writes nothing.
  #reread(): void {
    if (!this.#persist || this.#storedText() === this.#lastSeenStored) return;
    this.#dropUnreadable();
    this.#lastSeenStored = this.#storedText();
    const before = this.auth.loggedIn;
    this.auth.initialize();
    if (this.auth.loggedIn === before || this.router === null) return;
    const { navigation } = this.#options;
    if (!this.auth.loggedIn) {
      this.router.clearRedirectLocation();
    } else if (navigation?.after === 'automatic' && this.router.getSnapshot().page === navigation.entryPage) {
      this.router.goNamedAuth(navigation.loggedInPage, true);
    }
  }

  #stored(): void {
    this.#lastSeenStored = this.#storedText();
  }

  #storedText(): string {
    if (!this.#persist) return '';
    const { storage } = this.#options.ports;
    return JSON.stringify(kAuthKeys.map((name) => storage.getItem(kSharedPreferencesPrefix + name)));
  }

  // Something else may have written there; the generated code would not start at all.
  #dropUnreadable(): void {
    if (!this.#persist) return;
    const { storage, clock } = this.#options.ports;
    try {
      new AuthManager({ storage, clock }).initialize();
    } catch {
      for (const name of kAuthKeys) storage.removeItem(kSharedPreferencesPrefix + name);
    }
  }

  // ---- the state --------------------------------------------------------------------------------------

  #tokenOrThrow(): string {
    const token = this.auth.authenticationToken;
    if (!this.auth.loggedIn || token === null) throw LatchkeyError.signedOut();
    return token;
  }

  #kept(): KeptUserData | null {
    const data = asRecord(this.auth.userData);
    const { access_expires_at_ms, refresh_at_ms, user } = data;
    if (typeof access_expires_at_ms !== 'number' || typeof refresh_at_ms !== 'number') return null;
    return { access_expires_at_ms, refresh_at_ms, user: user as LatchkeyUser };
  }

  #makeState(): SessionState {
    const { auth } = this;
    const kept = auth.loggedIn ? this.#kept() : null;
    return {
      loggedIn: auth.loggedIn,
      uid: auth.loggedIn ? auth.uid : null,
      user: kept?.user ?? null,
      accessExpiresAt: kept === null ? null : new Date(kept.access_expires_at_ms),
      sessionExpiresAt: auth.loggedIn ? auth.tokenExpiration : null,
      refreshing: this.#refreshInFlight !== null,
      endedBecause: this.#endedBecause,
    };
  }

  #publish(): void {
    const next = this.#makeState();
    if (JSON.stringify(next) === JSON.stringify(this.#state)) return;
    const times = next.accessExpiresAt?.getTime() !== this.#state.accessExpiresAt?.getTime();
    const login = next.loggedIn !== this.#state.loggedIn;
    this.#state = next;
    if (times || login) this.#planAutoRefresh();
    for (const listener of [...this.#listeners]) listener();
  }
}

function isEnding(error: LatchkeyError): boolean {
  return kEndings.some((ending) => ending.status === error.status && ending.code === error.code);
}

export function createSession(options: SessionOptions): LatchkeySession {
  return new LatchkeySession(options);
}
