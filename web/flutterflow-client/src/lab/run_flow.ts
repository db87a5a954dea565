// Runs a project that is wired in some way, step by step against a server, and writes down what is held and shown.

import { withCondition, withLabTime } from './conditions.ts';
import { absoluteBaseUrl } from '../base_url.ts';
import { apiCallOptions, responseField, responseFieldToString } from '../model/api_call.ts';
import { ApiManager } from '../model/api_manager.ts';
import { FlutterFlowApp } from '../model/app.ts';
import { kAuthKeys } from '../model/auth_manager.ts';
import {
  castToType,
  dateTimeFromMillisecondsSinceEpoch,
  dateTimeFromSecondsSinceEpoch,
  dateTimeParse,
} from '../model/dart_values.ts';
import { getJsonField } from '../model/json_path.ts';
import { kSharedPreferencesPrefix } from '../model/shared_preferences.ts';
import { MemoryStorage, ShiftedClock } from '../ports.ts';
import { asRecord } from '../recommended/error.ts';
import { recordOf } from '../recommended/observer.ts';
import { redactValue, shortenToken } from '../recommended/redaction.ts';
import type { Condition } from './conditions.ts';
import type { FieldMappings, TextMapping, TimeMapping, Wiring } from './wiring.ts';
import type { ApiCallDefinition, VariableValue } from '../model/api_call.ts';
import type { ApiCallResponse } from '../model/api_manager.ts';
import type { AuthFields } from '../model/auth_manager.ts';
import type { PageContext, PageRoute } from '../model/router.ts';
import type { Clock, FetchPort } from '../ports.ts';
import type { ApiCallRecord } from '../recommended/observer.ts';

export type FlowStep =
  /** Starts the app; `at` is the address, "/" without it. */
  | { do: 'open'; at?: string }
  /** Starts it anew: memory is lost, storage is kept. In a browser the address stays. */
  | { do: 'restart'; at?: string }
  | { do: 'sign up' }
  | { do: 'log in' }
  | { do: 'go to'; page: string }
  | { do: 'call' }
  | { do: 'call in parallel'; count: number }
  | { do: 'refresh' }
  | { do: 'wait'; seconds: number }
  | { do: 'log out' };

export interface LabAccount {
  email: string;
  password: string;
}

export interface StepRecord {
  readonly index: number;
  readonly step: FlowStep;
  readonly title: string;
  readonly calls: readonly ApiCallRecord[];
  /** What the session holder has; tokens shortened. */
  readonly held: {
    readonly authenticationToken: string | null;
    readonly refreshToken: string | null;
    readonly tokenExpiration: string | null;
    readonly uid: string | null;
    readonly userData: string | null;
  };
  /** What lies in the browser's storage; tokens shortened. */
  readonly stored: Readonly<Record<string, string>>;
  readonly loggedIn: boolean;
  readonly page: string;
  readonly location: string;
  readonly storedLocation: string | null;
  /** The time by the lab's clock, ISO 8601. */
  readonly at: string;
  /** Null: the person sees nothing. */
  readonly snackBar: string | null;
  /** What was thrown in the button's handler; FlutterFlow shows nothing of it. */
  readonly thrown: string | null;
}

export interface FlowOptions {
  baseUrl: string;
  fetch: FetchPort;
  account: LabAccount;
  conditions?: readonly Condition[];
  /** The clock below the lab's; the system's without it. */
  clock?: Clock;
  onRecord?: (record: StepRecord) => void;
}

export const kLabRoutes: readonly PageRoute[] = [
  { name: 'Login', path: '/login' },
  { name: 'Home', path: '/home' },
  { name: 'Account', path: '/account', requireAuth: true },
];

export async function runFlow(wiring: Wiring, steps: readonly FlowStep[], options: FlowOptions): Promise<StepRecord[]> {
  const flow = new Flow(wiring, options);
  const records: StepRecord[] = [];
  for (const step of steps) {
    const record = await flow.run(step);
    records.push(record);
    options.onRecord?.(record);
  }
  return records;
}

class Flow {
  readonly #wiring: Wiring;
  readonly #baseUrl: string;
  readonly #account: LabAccount;
  readonly #clock: ShiftedClock;
  readonly #storage = new MemoryStorage();
  readonly #fetch: FetchPort;
  #app: FlutterFlowApp;
  #manager: ApiManager;
  #calls: ApiCallRecord[] = [];
  #snackBar: string | null = null;
  #refreshInFlight: Promise<boolean> | null = null;
  #nextRecord = 0;
  #nextCall = 1;

  constructor(wiring: Wiring, options: FlowOptions) {
    this.#wiring = wiring;
    this.#baseUrl = absoluteBaseUrl(options.baseUrl);
    this.#account = options.account;
    this.#clock = new ShiftedClock(options.clock);
    let fetch = withLabTime(options.fetch, this.#clock);
    for (const condition of options.conditions ?? []) fetch = withCondition(fetch, condition);
    this.#fetch = fetch;
    this.#app = this.#newApp();
    this.#manager = this.#newManager();
  }

  async run(step: FlowStep): Promise<StepRecord> {
    this.#calls = [];
    this.#snackBar = null;
    let thrown: string | null = null;
    try {
      await this.#do(step);
    } catch (error) {
      // As in a button's handler: it goes to the console, and nobody sees it.
      thrown = error instanceof Error ? error.message : 'unknown';
    }
    return this.#record(step, thrown);
  }

  async #do(step: FlowStep): Promise<void> {
    switch (step.do) {
      case 'open': {
        this.#start(step.at ?? '/');
        return;
      }
      case 'restart': {
        this.#start(step.at ?? this.#app.router.getSnapshot().location);
        return;
      }
      case 'sign up':
        return this.#submit('Sign up', '/signup');
      case 'log in':
        return this.#submit('Log in', '/login');
      case 'go to':
        this.#app.router.goNamed(step.page);
        return;
      case 'call':
        return this.#callProtected();
      case 'call in parallel':
        await Promise.all(Array.from({ length: step.count }, () => this.#callProtected()));
        return;
      case 'refresh':
        await this.#refresh();
        return;
      case 'wait':
        this.#clock.advance(step.seconds * 1000);
        return;
      case 'log out':
        return this.#logOut();
    }
  }

  // ---- what the builder made ---------------------------------------------------------------------------

  #start(location: string): void {
    this.#app = this.#newApp();
    this.#manager = this.#newManager();
    this.#refreshInFlight = null;
    this.#app.start(location);
  }

  async #submit(name: string, path: string): Promise<void> {
    const context = this.#app.router.context();
    const response = await this.#call(
      {
        name,
        callType: 'POST',
        url: path,
        variables: { email: '', password: '' },
        body: '{"email": "<email>", "password": "<password>"}',
        cache: this.#wiring.cacheLogIn,
      },
      { email: this.#account.email, password: this.#account.password },
    );
    if (!response.succeeded) {
      this.#showFailure(response);
      return;
    }
    const fields = fieldsOf(response.jsonBody, this.#wiring.logIn);
    if (!this.#wiring.profileAfterLogIn) {
      this.#app.logIn(fields, this.#wiring.afterLogIn, context);
      return;
    }
    this.#app.logIn(fields, 'nothing', context);
    await this.#updateProfile(fields);
    this.#navigate(context);
  }

  async #updateProfile(fields: AuthFields): Promise<void> {
    const response = await this.#protectedCall();
    if (response.succeeded) {
      this.#app.updateAuthenticatedUser({ ...fields, userData: asRecord(response.jsonBody) });
    }
  }

  #navigate(context: PageContext): void {
    const { afterLogIn, loggedInPage } = this.#wiring;
    if (afterLogIn === 'nothing') return;
    const wanted = afterLogIn === 'automatic' ? { navigate: 'goNamedAuth' as const, page: loggedInPage } : afterLogIn;
    this.#app.router[wanted.navigate](wanted.page, context.mounted);
  }

  async #callProtected(): Promise<void> {
    let response = await this.#protectedCall();
    if (response.statusCode === 401 && this.#wiring.refresh === 'on 401') {
      if (!(await this.#refreshForCall())) return;
      response = await this.#protectedCall();
    }
    if (!response.succeeded) this.#showFailure(response);
  }

  #protectedCall(): Promise<ApiCallResponse> {
    const { template, token } = this.#wiring.authorization;
    const definition: ApiCallDefinition = {
      name: 'User',
      callType: 'GET',
      url: '/user',
      variables: { token: '' },
      headers: { Authorization: template },
    };
    const held = this.#app.auth.authenticationToken;
    if (token === 'not set') return this.#call(definition, {});
    return this.#call(definition, { token: token === 'Auth Token' ? held : `Bearer ${held ?? ''}` });
  }

  #refreshForCall(): Promise<boolean> {
    if (!this.#wiring.singleFlight) return this.#refresh();
    this.#refreshInFlight ??= this.#refresh().finally(() => {
      this.#refreshInFlight = null;
    });
    return this.#refreshInFlight;
  }

  async #refresh(): Promise<boolean> {
    const response = await this.#call(
      {
        name: 'Refresh',
        callType: 'POST',
        url: '/refresh',
        variables: { refreshToken: '' },
        body: '{"refresh_token": "<refreshToken>"}',
      },
      { refreshToken: this.#app.auth.refreshToken },
    );
    if (response.succeeded) {
      this.#app.updateAuthenticatedUser(fieldsOf(response.jsonBody, this.#wiring.update));
      return true;
    }
    this.#showFailure(response);
    // A refused refresh leads to the login page; a server that is away does not.
    if (response.statusCode >= 400 && response.statusCode < 500 && response.statusCode !== 429) this.#app.logOut();
    return false;
  }

  async #logOut(): Promise<void> {
    await this.#call(
      {
        name: 'Log out',
        callType: 'POST',
        url: '/logout?scope=local',
        variables: { token: '' },
        headers: { Authorization: 'Bearer [token]' },
      },
      { token: this.#app.auth.authenticationToken },
    );
    this.#app.logOut();
  }

  #showFailure(response: ApiCallResponse): void {
    if (!this.#wiring.snackBarOnFailure) return;
    const message = getJsonField(response.jsonBody, '$.message');
    this.#snackBar = typeof message === 'string' ? message : 'The server cannot be reached';
  }

  // ---- the machinery -----------------------------------------------------------------------------------

  #call(definition: ApiCallDefinition, variables: Record<string, VariableValue>): Promise<ApiCallResponse> {
    const escapeVariables = this.#wiring.escapeVariablesInRequestBody;
    return this.#manager.makeApiCall(
      apiCallOptions({ ...definition, escapeVariables, decodeUtf8: true }, variables, { baseUrl: this.#baseUrl }),
    );
  }

  #newManager(): ApiManager {
    return new ApiManager({
      fetch: this.#fetch,
      now: () => this.#clock.now(),
      onTrace: (trace) => this.#calls.push(recordOf(this.#nextCall++, trace)),
    });
  }

  #newApp(): FlutterFlowApp {
    const wiring = this.#wiring;
    const app = new FlutterFlowApp({
      storage: this.#storage,
      clock: this.#clock,
      persist: wiring.persistAuthSessions,
      routes: kLabRoutes,
      entryPage: wiring.entryPage,
      loggedInPage: wiring.loggedInPage,
    });
    app.router.onPageLoad((context) => {
      if (context.page !== wiring.entryPage || app.auth.loggedIn) return;
      const leftOver = app.auth.uid !== null;
      if (wiring.onEntryPageLoad === 'Log Out' || (wiring.onEntryPageLoad !== 'nothing' && leftOver)) {
        app.logOut(context);
      }
    });
    return app;
  }

  #record(step: FlowStep, thrown: string | null): StepRecord {
    const { auth, router } = this.#app;
    const { location, page, storedLocation } = router.getSnapshot();
    const shown = (token: string | null): string | null => (token === null ? null : shortenToken(token));
    return {
      index: this.#nextRecord++,
      step,
      title: titleOf(step),
      calls: this.#calls,
      held: {
        authenticationToken: shown(auth.authenticationToken),
        refreshToken: shown(auth.refreshToken),
        tokenExpiration: auth.tokenExpiration?.toISOString() ?? null,
        uid: auth.uid,
        userData: auth.userData === null ? null : JSON.stringify(redactValue(auth.userData)),
      },
      stored: Object.fromEntries(
        kAuthKeys.flatMap((name) => {
          const key = kSharedPreferencesPrefix + name;
          const value = this.#storage.getItem(key);
          return value === null ? [] : [[key, redactValue(value) as string]];
        }),
      ),
      loggedIn: this.#app.notifier.loggedIn,
      page,
      location,
      storedLocation,
      at: new Date(this.#clock.now()).toISOString(),
      snackBar: this.#snackBar,
      thrown,
    };
  }
}

/** The arguments of Log in or Update Authenticated User, as the mapping makes them. May throw, as in Dart. */
export function fieldsOf(jsonBody: unknown, mappings: FieldMappings): AuthFields {
  const { authenticationToken, refreshToken, tokenExpiration, authUid, userData } = mappings;
  return {
    authenticationToken: textOf(jsonBody, authenticationToken),
    refreshToken: textOf(jsonBody, refreshToken),
    tokenExpiration: timeOf(jsonBody, tokenExpiration),
    authUid: textOf(jsonBody, authUid),
    userData: userData === undefined ? null : asRecord(getJsonField(jsonBody, userData.path)),
  };
}

function textOf(jsonBody: unknown, mapping: TextMapping | undefined): string | null {
  if (mapping === undefined) return null;
  if (mapping.read === 'toString()') return responseFieldToString(jsonBody, mapping.path);
  return responseField('String', jsonBody, mapping.path);
}

function timeOf(jsonBody: unknown, mapping: TimeMapping | undefined): Date | null {
  if (mapping === undefined) return null;
  const value = getJsonField(jsonBody, mapping.path);
  if (mapping.convert === 'DateTime.parse') {
    const text = castToType('String', value);
    return text === null ? null : dateTimeParse(text);
  }
  const number = castToType('int', value);
  if (number === null) return null;
  return mapping.convert === 'dateTimeFromSecondsSinceEpoch'
    ? dateTimeFromSecondsSinceEpoch(number)
    : dateTimeFromMillisecondsSinceEpoch(number);
}

function titleOf(step: FlowStep): string {
  switch (step.do) {
    case 'open':
      return `Open the app at ${step.at ?? '/'}`;
    case 'restart':
      return step.at === undefined ? 'Reload the page' : `Restart the app at ${step.at}`;
    case 'sign up':
      return 'Press Sign up';
    case 'log in':
      return 'Press Log in';
    case 'go to':
      return `Go to the page ${step.page}`;
    case 'call':
      return 'Make a protected call';
    case 'call in parallel':
      return `Make ${step.count} protected calls at once`;
    case 'refresh':
      return 'Refresh';
    case 'wait':
      return `${step.seconds} seconds pass`;
    case 'log out':
      return 'Press Log out';
  }
}
