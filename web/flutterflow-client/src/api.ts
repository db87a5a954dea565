import type { Clock, FetchPort, LocksPort, StorageEventsPort, StoragePort, TimersPort } from './ports.ts';

// ---- the API's types -----------------------------------------------------------------------------------
export interface LatchkeyUser {
  id: string;
  aud: string;
  role: string;
  email: string;
  email_confirmed_at: string;
  phone: string;
  phone_confirmed_at: string;
  username: string;
  confirmed_at: string;
  last_sign_in_at: string;
  app_metadata: Record<string, unknown>;
  user_metadata: Record<string, unknown>;
  identities: Record<string, unknown>[];
  is_anonymous: boolean;
  created_at: string;
  updated_at: string;
}
export interface SessionAnswer {
  access_token: string;
  token_type: string;
  expires_in: number;
  expires_at: number;
  expires_at_ms: number;
  expires_at_iso: string;
  refresh_token: string;
  session_expires_at: number;
  session_expires_at_ms: number;
  session_expires_at_iso: string;
  uid: string;
  user: LatchkeyUser;
}
export interface SessionRow {
  id: string;
  current: boolean;
  created_at: string;
  refreshed_at: string;
  expires_at: string;
  ip: string;
  user_agent: string;
}
export interface HealthAnswer {
  name: string;
  version: string;
  description: string;
  status: string;
}
export interface SignUpInput {
  email?: string;
  username?: string;
  phone?: string;
  password: string;
  data?: Record<string, unknown>;
}
export interface SignInInput {
  /** Email, username or phone, for a form with one field. */
  identifier?: string;
  email?: string;
  username?: string;
  phone?: string;
  password: string;
}
export interface UpdateUserInput {
  email?: string;
  password?: string;
  current_password?: string;
  data?: Record<string, unknown>;
}
export type LogOutScope = 'local' | 'global' | 'others';
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export interface ApiRequest {
  method: HttpMethod;
  /** Below the base URL, such as "/user". */
  path: string;
  body?: unknown;
  /** A name for the developer drawer; the path without it. */
  name?: string;
}

// ---- errors --------------------------------------------------------------------------------------------
export declare class LatchkeyError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  readonly requestId: string;
  readonly fields: Record<string, string>;
  readonly weakPasswordReasons: string[];
  readonly retryAfter: number | null;
  get transient(): boolean;
}

// ---- what a developer drawer shows ---------------------------------------------------------------------
export interface ApiCallRecord {
  id: number;
  name: string;
  method: string;
  path: string;
  startedAt: number;
  durationMs: number;
  status: number;
  request: { headers: Record<string, string>; body: string };
  response: { headers: Record<string, string>; body: string };
  code: string;
  message: string;
  hint: string;
  requestId: string;
}
export type ApiObserver = (record: ApiCallRecord) => void;
export interface HeldDescription {
  fields: { name: string; value: string }[];
  stored: { key: string; value: string }[];
}

// ---- navigation ----------------------------------------------------------------------------------------
export interface PageRoute {
  name: string;
  path: string;
  requireAuth?: boolean;
}
export interface NavigationState {
  location: string;
  page: string;
  storedLocation: string | null;
}
export declare class FlutterFlowRouter {
  open(location: string): NavigationState;
  goNamed(name: string): void;
  goNamedAuth(name: string, mounted: boolean, options?: { ignoreRedirect?: boolean }): void;
  pushNamedAuth(name: string, mounted: boolean, options?: { ignoreRedirect?: boolean }): void;
  listen(listener: (state: NavigationState) => void): () => void;
  getSnapshot: () => NavigationState;
}

// ---- the session ---------------------------------------------------------------------------------------
export interface SessionPorts {
  storage: StoragePort;
  clock: Clock;
  fetch: FetchPort;
  timers: TimersPort;
  locks: LocksPort;
  storageEvents: StorageEventsPort;
}
export interface NavigationOptions {
  entryPage: string;
  loggedInPage: string;
  after: 'automatic' | 'manual';
  routes: PageRoute[];
}
export interface SessionOptions {
  baseUrl: string;
  ports: SessionPorts;
  persist?: boolean;
  navigation?: NavigationOptions;
  observer?: ApiObserver;
  /** How long a call may take before it counts as not answered; 30 s without it. */
  timeoutMs?: number;
}
export interface SessionState {
  loggedIn: boolean;
  uid: string | null;
  user: LatchkeyUser | null;
  /** End of the access token by this device's clock, or null. */
  accessExpiresAt: Date | null;
  /** End of the session: FlutterFlow's Token Expiry Time. */
  sessionExpiresAt: Date | null;
  refreshing: boolean;
  /** Why the session ended, when it was not the person who ended it. */
  endedBecause: { code: string; message: string } | null;
}
export declare class LatchkeySession {
  readonly api: LatchkeyApi;
  readonly router: FlutterFlowRouter | null;
  open(location?: string): void;
  close(): void;
  subscribe: (listener: () => void) => () => void;
  getSnapshot: () => SessionState;
  signIn(input: SignInInput): Promise<SessionAnswer>;
  signUp(input: SignUpInput): Promise<SessionAnswer>;
  call<T>(request: ApiRequest): Promise<T>;
  user(): Promise<LatchkeyUser>;
  updateUser(input: UpdateUserInput): Promise<LatchkeyUser>;
  sessions(): Promise<SessionRow[]>;
  revokeSession(id: string): Promise<void>;
  health(): Promise<HealthAnswer>;
  refresh(): Promise<void>;
  startAutoRefresh(): void;
  stopAutoRefresh(): void;
  logOut(options?: { scope?: LogOutScope }): Promise<void>;
  describeHeld(): HeldDescription;
}
export declare class LatchkeyApi {
  signUp(input: SignUpInput): Promise<SessionAnswer>;
  logIn(input: SignInInput): Promise<SessionAnswer>;
  refresh(refreshToken: string): Promise<SessionAnswer>;
  logOut(accessToken: string, scope: LogOutScope): Promise<void>;
  user(accessToken: string): Promise<LatchkeyUser>;
  updateUser(accessToken: string, input: UpdateUserInput): Promise<LatchkeyUser>;
  sessions(accessToken: string): Promise<SessionRow[]>;
  revokeSession(accessToken: string, id: string): Promise<void>;
  health(): Promise<HealthAnswer>;
}
export declare function createSession(options: SessionOptions): LatchkeySession;

// ---- the lab -------------------------------------------------------------------------------------------
export type LabVariant = 'wrong' | 'cured';
export interface LabAccount {
  email: string;
  password: string;
}
export interface StepRecord {
  index: number;
  title: string;
  calls: ApiCallRecord[];
  /** What the session holder has; tokens shortened. */
  held: {
    authenticationToken: string | null;
    refreshToken: string | null;
    tokenExpiration: string | null;
    uid: string | null;
    userData: string | null;
  };
  /** What lies in the browser's storage; tokens shortened. */
  stored: Record<string, string>;
  loggedIn: boolean;
  page: string;
  location: string;
  storedLocation: string | null;
  /** The time the app believes it is, ISO 8601. */
  at: string;
  snackBar: string | null;
  /** What was thrown in the button's handler; FlutterFlow shows nothing of it. */
  thrown: string | null;
}
export interface LabCase {
  id: string;
  title: string;
  symptom: string;
  why: string;
  /** What to change, in a sentence. */
  cure: string;
  /** Where that is in FlutterFlow's builder. */
  setting: string;
}
export interface LabRun {
  records: StepRecord[];
  expectations: { text: string; holds: boolean }[];
}
export declare const labCases: readonly LabCase[];
export declare function runLabCase(
  labCase: LabCase,
  variant: LabVariant,
  options: { baseUrl: string; fetch: FetchPort; account: LabAccount; onRecord?: (record: StepRecord) => void },
): Promise<LabRun>;
