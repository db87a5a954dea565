// The known wrong wirings: what one sees, why, and what cures it. Each is run as it is wrong and as it is cured.

import { runFlow } from './run_flow.ts';
import { kAllFields, kRecommendedWiring } from './wiring.ts';
import { LatchkeyApi } from '../recommended/api.ts';
import { LatchkeyError } from '../recommended/error.ts';
import { systemClock, systemTimers } from '../ports.ts';
import type { Condition } from './conditions.ts';
import type { FlowOptions, FlowStep, LabAccount, StepRecord } from './run_flow.ts';
import type { FieldMappings, Wiring } from './wiring.ts';
import type { FetchPort } from '../ports.ts';

export interface Expectation {
  readonly text: string;
  readonly holds: (records: readonly StepRecord[]) => boolean;
}

export interface LabSetup {
  readonly wiring: Wiring;
  /** How the server or the browser behaves meanwhile; normally when empty. */
  readonly conditions: readonly Condition[];
  readonly expectations: readonly Expectation[];
}

export type LabVariant = 'wrong' | 'cured';

export interface LabCase {
  readonly id: string;
  readonly title: string;
  /** What the person who uses the app sees. */
  readonly symptom: string;
  readonly why: string;
  /** What to change. */
  readonly cure: string;
  /** Where that is. */
  readonly setting: string;
  readonly steps: readonly FlowStep[];
  readonly wrong: LabSetup;
  readonly cured: LabSetup;
  /** Where the account needs a certain password. */
  readonly password?: string;
}

export interface LabRun {
  readonly records: readonly StepRecord[];
  readonly expectations: readonly { readonly text: string; readonly holds: boolean }[];
}

export type LabRunOptions = Omit<FlowOptions, 'conditions'>;

/** Runs one variant. Makes the account if it is not there yet. */
export async function runLabCase(labCase: LabCase, variant: LabVariant, options: LabRunOptions): Promise<LabRun> {
  const account = accountFor(labCase, options.account);
  await makeAccount(account, options);
  const { wiring, conditions, expectations } = labCase[variant];
  const records = await runFlow(wiring, labCase.steps, { ...options, account, conditions });
  return { records, expectations: expectations.map(({ text, holds }) => ({ text, holds: holds(records) })) };
}

function accountFor(labCase: LabCase, account: LabAccount): LabAccount {
  if (labCase.password === undefined) return account;
  return { email: account.email.replace('@', `-${labCase.id}@`), password: labCase.password };
}

// Sign-ups are limited, so each account is asked for once.
const made = new WeakMap<FetchPort, Set<string>>();

async function makeAccount(account: LabAccount, options: LabRunOptions): Promise<void> {
  const known = made.get(options.fetch) ?? new Set<string>();
  made.set(options.fetch, known);
  const key = `${options.baseUrl} ${account.email}`;
  if (known.has(key)) return;
  const { baseUrl, fetch } = options;
  const api = new LatchkeyApi({ baseUrl, fetch, clock: systemClock, timers: systemTimers });
  try {
    await api.signUp(account);
  } catch (error) {
    if (!(error instanceof LatchkeyError) || error.code !== 'user_already_exists') throw error;
  }
  known.add(key);
}

// ---- expectations -----------------------------------------------------------------------------------------

const kHour = 3700;

function last(records: readonly StepRecord[]): StepRecord {
  const record = records.at(-1);
  if (record === undefined) throw new Error('no step was run');
  return record;
}

function statuses(record: StepRecord, name: string): number[] {
  return record.calls.filter((call) => call.name === name).map((call) => call.status);
}

function codes(records: readonly StepRecord[]): string[] {
  return records.flatMap((record) => record.calls.map((call) => call.code));
}

const loggedIn: Expectation = { text: 'The app counts as logged in', holds: (records) => last(records).loggedIn };
const loggedOut: Expectation = { text: 'The app counts as logged out', holds: (records) => !last(records).loggedIn };
const page = (name: string): Expectation => ({
  text: `The page ${name} is shown`,
  holds: (records) => last(records).page === name,
});
const silent: Expectation = {
  text: 'The person is told nothing',
  holds: (records) => last(records).snackBar === null,
};
const code = (wanted: string): Expectation => ({
  text: `The server answers ${wanted}`,
  holds: (records) => codes(records).includes(wanted),
});
const callWorks: Expectation = {
  text: 'The last protected call works',
  holds: (records) => statuses(last(records), 'User').at(-1) === 200,
};
const callFails: Expectation = {
  text: 'The last protected call is refused',
  holds: (records) => statuses(last(records), 'User').at(-1) === 401,
};

const recommended = (changes: Partial<Wiring> = {}): Wiring => ({ ...kRecommendedWiring, ...changes });
const setup = (wiring: Wiring, expectations: Expectation[], ...conditions: Condition[]): LabSetup => ({
  wiring,
  conditions,
  expectations,
});

function without(name: keyof FieldMappings): FieldMappings {
  return Object.fromEntries(Object.entries(kAllFields).filter(([field]) => field !== name));
}

const accessExpiry: FieldMappings = {
  ...kAllFields,
  tokenExpiration: { path: '$.expires_at', convert: 'dateTimeFromSecondsSinceEpoch' },
};

// ---- the cases --------------------------------------------------------------------------------------------

export const labCases: readonly LabCase[] = [
  {
    id: 'access-expiry',
    title: 'The access token’s end as Token Expiry Time',
    symptom: 'People are signed out when they come back after an hour.',
    why: 'FlutterFlow looks at Token Expiry Time at every start and takes it for the end of the session. It does not refresh.',
    cure: 'Map the end of the session instead.',
    setting:
      'Log in and Update Authenticated User > Token Expiry Time: $.session_expires_at, with dateTimeFromSecondsSinceEpoch',
    steps: [{ do: 'open' }, { do: 'log in' }, { do: 'wait', seconds: kHour }, { do: 'restart', at: '/' }],
    wrong: setup(recommended({ logIn: accessExpiry, onEntryPageLoad: 'nothing' }), [loggedOut, page('Login'), silent]),
    cured: setup(recommended(), [loggedIn, page('Home')]),
  },
  {
    id: 'only-token-updated',
    title: 'Only the token is passed after a refresh',
    symptom: 'The first refresh works. At the second one, an hour later, people are signed out.',
    why: 'Update Authenticated User replaces all five fields: what is left empty is erased, the refresh token and the uid as well.',
    cure: 'Pass all five fields at every refresh.',
    setting: 'Update Authenticated User: Auth Token, Refresh Token, Token Expiry Time, User ID, User Data',
    steps: [
      { do: 'open' },
      { do: 'log in' },
      { do: 'wait', seconds: kHour },
      { do: 'call' },
      { do: 'wait', seconds: kHour },
      { do: 'call' },
    ],
    wrong: setup(recommended({ update: { authenticationToken: kAllFields.authenticationToken } }), [
      {
        text: 'After the first refresh the refresh token, the expiry and the uid are gone',
        holds: ([, , , first]) =>
          first?.held.authenticationToken !== null &&
          first?.held.refreshToken === null &&
          first.held.tokenExpiration === null &&
          first.held.uid === null,
      },
      loggedOut,
      page('Login'),
    ]),
    cured: setup(recommended(), [
      { text: 'The uid is still there', holds: (records) => last(records).held.uid !== null },
      loggedIn,
      callWorks,
    ]),
  },
  {
    id: 'no-refresh-token',
    title: 'Log in gets no refresh token',
    symptom: 'After an hour every call fails, and people have to log in again.',
    why: 'The access token lives for an hour. Without a refresh token there is no way to a new one.',
    cure: 'Pass the refresh token to Log in.',
    setting: 'Log in > Refresh Token: $.refresh_token',
    steps: [{ do: 'open' }, { do: 'log in' }, { do: 'wait', seconds: kHour }, { do: 'call' }],
    wrong: setup(recommended({ logIn: without('refreshToken') }), [
      {
        text: 'The refresh is refused, because it has nothing to send',
        holds: (records) => statuses(last(records), 'Refresh').every((status) => status === 400),
      },
      loggedOut,
    ]),
    cured: setup(recommended(), [loggedIn, callWorks]),
  },
  {
    id: 'no-uid',
    title: 'Log in gets no User ID',
    symptom: 'Actions after the login are skipped: people land on the home page, not where Navigate says.',
    why: 'Without a uid every update of the authenticated user redraws the app. The login page is gone then, and what was left of its actions does nothing.',
    cure: 'Pass the uid to Log in and Update Authenticated User.',
    setting: 'Log in > User ID: $.uid',
    steps: [{ do: 'open' }, { do: 'log in' }],
    wrong: setup(
      recommended({
        logIn: without('authUid'),
        update: without('authUid'),
        profileAfterLogIn: true,
        afterLogIn: { navigate: 'goNamedAuth', page: 'Account' },
      }),
      [loggedIn, { text: 'No uid is held', holds: (records) => last(records).held.uid === null }, page('Home')],
    ),
    cured: setup(recommended({ profileAfterLogIn: true, afterLogIn: { navigate: 'goNamedAuth', page: 'Account' } }), [
      loggedIn,
      page('Account'),
    ]),
  },
  {
    id: 'token-path',
    title: 'The token is taken from a path that is not there',
    symptom: 'The login works, and then every call is refused.',
    why: 'getJsonField(…).toString() of a missing field is the text "null". FlutterFlow checks nothing and counts as logged in.',
    cure: 'Take the token from where it is.',
    setting: 'API call > Response & Test > JSON path: $.access_token',
    steps: [{ do: 'open' }, { do: 'log in' }, { do: 'call' }],
    wrong: setup(
      recommended({
        logIn: { ...kAllFields, authenticationToken: { path: '$.token', read: 'toString()' } },
        refresh: 'never',
      }),
      [
        {
          text: 'The text "null" is held as the token',
          holds: (records) => last(records).held.authenticationToken === 'null',
        },
        loggedIn,
        code('bearer_unset'),
        callFails,
      ],
    ),
    cured: setup(recommended({ refresh: 'never' }), [loggedIn, callWorks]),
  },
  {
    id: 'no-escaping',
    title: 'Variables in the body are not escaped',
    symptom: 'Some people cannot log in, although their password is right.',
    why: 'Their password has a quote or a backslash in it. Put into the body as it is, it breaks the JSON.',
    cure: 'Switch the escaping on.',
    setting: 'API call > Body > Escape Variables in Request Body',
    password: 'violet "harbour" \\ 41 kettle',
    steps: [{ do: 'open' }, { do: 'log in' }],
    wrong: setup(recommended({ escapeVariablesInRequestBody: false }), [code('bad_json'), loggedOut, page('Login')]),
    cured: setup(recommended(), [loggedIn, page('Home')]),
  },
  {
    id: 'no-navigation',
    title: 'Automatic navigation is off, and no Navigate action',
    symptom: 'After the login nothing happens; after a restart people are in.',
    why: 'Log in only stores who is logged in. Where to go is a second action.',
    cure: 'Switch automatic navigation on, or add Navigate To behind Log in.',
    setting: 'Log in > Automatic Navigation',
    steps: [{ do: 'open' }, { do: 'log in' }],
    wrong: setup(recommended({ afterLogIn: 'nothing' }), [loggedIn, page('Login'), silent]),
    cured: setup(recommended(), [loggedIn, page('Home')]),
  },
  {
    id: 'same-pages',
    title: 'Entry page and logged-in page are the same',
    symptom: 'After the login the login page is shown again.',
    why: 'The logged-in page is where a login leads, and what "/" shows from then on.',
    cure: 'Choose two different pages.',
    setting: 'App Settings > Authentication > Entry Page, Logged In Page',
    steps: [{ do: 'open' }, { do: 'log in' }, { do: 'restart', at: '/' }],
    wrong: setup(recommended({ loggedInPage: 'Login' }), [loggedIn, page('Login')]),
    cured: setup(recommended(), [loggedIn, page('Home')]),
  },
  {
    id: 'strict-refresh',
    title: 'Calls at the same time, and a server without grace',
    symptom: 'People are signed out now and then, mostly on pages with several calls.',
    why: 'Each call refreshes by itself with the same refresh token. A strict server takes the second one for a thief’s. Latchkey answers all of them alike for 30 seconds.',
    cure: 'Let calls share one refresh: a custom action, or an interceptor with a lock.',
    setting: 'Custom Code > API interceptor; with Latchkey session.refresh_grace is enough',
    steps: [{ do: 'open' }, { do: 'log in' }, { do: 'wait', seconds: kHour }, { do: 'call in parallel', count: 3 }],
    wrong: setup(
      recommended({ singleFlight: false }),
      [
        {
          text: 'Three refreshes are sent',
          holds: (records) => statuses(last(records), 'Refresh').length === 3,
        },
        code('refresh_token_already_used'),
        loggedOut,
      ],
      'a refresh token works once, without grace',
    ),
    cured: setup(
      recommended(),
      [
        { text: 'One refresh is sent', holds: (records) => statuses(last(records), 'Refresh').length === 1 },
        loggedIn,
        callWorks,
      ],
      'a refresh token works once, without grace',
    ),
  },
  {
    id: 'cors',
    title: 'The browser refuses the answers (CORS)',
    symptom: 'It works in the builder. In the published app the login button does nothing.',
    why: 'Test and Run mode call through FlutterFlow’s proxy, a published web app calls directly. Where the server does not allow its origin the status is −1, and FlutterFlow shows nothing of it.',
    cure: 'Allow the app’s origin at the server, and show a snack bar when a call fails.',
    setting: 'Latchkey: cors.allowed_origins; FlutterFlow: a Show Snack Bar in the call’s FALSE branch',
    steps: [{ do: 'open' }, { do: 'log in' }],
    wrong: setup(
      recommended({ snackBarOnFailure: false }),
      [
        { text: 'The status is −1', holds: (records) => statuses(last(records), 'Log in')[0] === -1 },
        loggedOut,
        page('Login'),
        silent,
      ],
      'the browser refuses the answers (CORS)',
    ),
    cured: setup(recommended(), [loggedIn, page('Home')]),
  },
  {
    id: 'stored-location',
    title: 'Another page than the logged-in page after the login',
    symptom: 'After the login people are on a page they did not choose.',
    why: 'Somebody who is logged out asked for a page that requires a login. Its address is stored, and it goes before the logged-in page and before Navigate.',
    cure: 'Often this is what one wants. If not, run Log Out when the entry page opens logged out: it forgets the address.',
    setting: 'Entry page > On Page Load: if not Logged In, Log Out',
    steps: [{ do: 'open', at: '/account' }, { do: 'log in' }],
    wrong: setup(recommended({ onEntryPageLoad: 'nothing' }), [loggedIn, page('Account')]),
    cured: setup(recommended({ onEntryPageLoad: 'Log Out' }), [loggedIn, page('Home')]),
  },
  {
    id: 'stuck',
    title: 'Stuck on the login page',
    symptom: 'The session is over, the same person logs in again, and the login page stays.',
    why: 'The uid of the ended session is still loaded. The login brings the same uid, so nothing is redrawn; and a page that requires a login had been asked for, so navigation is blocked.',
    cure: 'Run Log Out when the entry page opens logged out and a uid is left over, and do not let sessions end early.',
    setting: 'Entry page > On Page Load: if not Logged In and User ID is set, Log Out',
    steps: [
      { do: 'open' },
      { do: 'log in' },
      { do: 'go to', page: 'Account' },
      { do: 'wait', seconds: kHour },
      { do: 'restart' },
      { do: 'log in' },
    ],
    wrong: setup(recommended({ logIn: accessExpiry, onEntryPageLoad: 'nothing' }), [
      loggedIn,
      page('Login'),
      { text: 'The address /account is still stored', holds: (records) => last(records).storedLocation === '/account' },
      silent,
    ]),
    cured: setup(recommended({ logIn: accessExpiry }), [loggedIn, page('Home')]),
  },
  {
    id: 'integer-uid',
    title: 'The server sends the uid as a number',
    symptom: 'The login button does nothing.',
    why: 'The builder fixed the type String from an example. castToType<String>(4711) throws in the button’s handler, and nobody sees it. Latchkey’s uid is always a text.',
    cure: 'Send a text, or read the field with toString().',
    setting: 'API call > Response & Test: the type of $.uid',
    steps: [{ do: 'open' }, { do: 'log in' }],
    wrong: setup(
      recommended(),
      [
        { text: 'A cast throws in the handler', holds: (records) => (last(records).thrown ?? '').includes('subtype') },
        loggedOut,
        page('Login'),
        silent,
      ],
      'the uid is a number',
    ),
    cured: setup(
      recommended({ logIn: { ...kAllFields, authUid: { path: '$.uid', read: 'toString()' } } }),
      [
        loggedIn,
        page('Home'),
        { text: 'The uid is held as text', holds: (records) => last(records).held.uid === '4711' },
      ],
      'the uid is a number',
    ),
  },
  {
    id: 'cached-login',
    title: 'The login call is cached',
    symptom: 'After logging out and in again every call is refused.',
    why: 'The same body again gives the answer of the first login, with the token of a session that is over.',
    cure: 'Switch the cache off for calls that sign in.',
    setting: 'API call > Advanced > Cache API Calls',
    steps: [{ do: 'open' }, { do: 'log in' }, { do: 'log out' }, { do: 'log in' }, { do: 'call' }],
    wrong: setup(recommended({ cacheLogIn: true }), [
      {
        text: 'The second login is answered without asking the server',
        holds: (records) => records[3]?.calls[0]?.fromCache === true,
      },
      code('session_not_found'),
      loggedOut,
    ]),
    cured: setup(recommended(), [loggedIn, callWorks]),
  },
  {
    id: 'milliseconds',
    title: 'Seconds are taken for milliseconds',
    symptom: 'People are signed out at the first restart.',
    why: 'session_expires_at counts seconds. Read as milliseconds it is a day in January 1970.',
    cure: 'Convert seconds, or map session_expires_at_ms.',
    setting: 'Log in > Token Expiry Time: dateTimeFromSecondsSinceEpoch',
    steps: [{ do: 'open' }, { do: 'log in' }, { do: 'restart', at: '/' }],
    wrong: setup(
      recommended({
        logIn: {
          ...kAllFields,
          tokenExpiration: { path: '$.session_expires_at', convert: 'DateTime.fromMillisecondsSinceEpoch' },
        },
        onEntryPageLoad: 'nothing',
      }),
      [
        {
          text: 'The expiry is in 1970',
          holds: (records) => (last(records).held.tokenExpiration ?? '').startsWith('1970'),
        },
        loggedOut,
        page('Login'),
      ],
    ),
    cured: setup(recommended(), [loggedIn, page('Home')]),
  },
  {
    id: 'bearer-doubled',
    title: 'Bearer stands twice',
    symptom: 'The login works, and then every call is refused.',
    why: 'The header says Bearer [token], and the variable brings another Bearer.',
    cure: 'Pass the token alone.',
    setting: 'API call > Headers: Authorization: Bearer [token]',
    steps: [{ do: 'open' }, { do: 'log in' }, { do: 'call' }],
    wrong: setup(
      recommended({
        authorization: { template: 'Bearer [token]', token: 'Auth Token with Bearer before it' },
        refresh: 'never',
      }),
      [loggedIn, code('bearer_doubled'), callFails],
    ),
    cured: setup(recommended({ refresh: 'never' }), [loggedIn, callWorks]),
  },
  {
    id: 'bearer-unset',
    title: 'The token is not passed to the call',
    symptom: 'The login works, and then every call is refused.',
    why: 'The token is a variable of each call. Where the page does not set it, the header is Bearer and nothing more.',
    cure: 'Pass Authenticated User > Auth Token where the call is made.',
    setting: 'Action > API call > Variables > token',
    steps: [{ do: 'open' }, { do: 'log in' }, { do: 'call' }],
    wrong: setup(recommended({ authorization: { template: 'Bearer [token]', token: 'not set' }, refresh: 'never' }), [
      loggedIn,
      code('bearer_unset'),
      callFails,
    ]),
    cured: setup(recommended({ refresh: 'never' }), [loggedIn, callWorks]),
  },
  {
    id: 'persist-off',
    title: 'Sessions are not persisted',
    symptom: 'Every restart leads to the login page.',
    why: 'The session is in memory only.',
    cure: 'Switch Persist Auth Sessions on.',
    setting: 'App Settings > Authentication > Persist Auth Sessions',
    steps: [{ do: 'open' }, { do: 'log in' }, { do: 'restart', at: '/' }],
    wrong: setup(recommended({ persistAuthSessions: false }), [
      { text: 'Nothing is stored', holds: (records) => Object.keys(last(records).stored).length === 0 },
      loggedOut,
      page('Login'),
    ]),
    cured: setup(recommended(), [loggedIn, page('Home')]),
  },
];
