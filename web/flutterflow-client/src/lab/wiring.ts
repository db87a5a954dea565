// How a project is wired: everything a builder can set that decides whether people get in and stay in.

import type { AfterLogIn } from '../model/app.ts';

/** A text taken out of an answer, by a typed getter or, the older way, by getJsonField(…).toString(). */
export interface TextMapping {
  path: string;
  read: 'castToType<String>' | 'toString()';
}

export interface TimeMapping {
  path: string;
  convert: 'dateTimeFromSecondsSinceEpoch' | 'DateTime.fromMillisecondsSinceEpoch' | 'DateTime.parse';
}

/** What is passed to Log in or Update Authenticated User. What is left out is erased. */
export interface FieldMappings {
  authenticationToken?: TextMapping;
  refreshToken?: TextMapping;
  tokenExpiration?: TimeMapping;
  authUid?: TextMapping;
  userData?: { path: string };
}

export interface Wiring {
  entryPage: string;
  loggedInPage: string;
  persistAuthSessions: boolean;
  logIn: FieldMappings;
  /** Update Authenticated User after a refresh. */
  update: FieldMappings;
  /** Automatic navigation, none, or a Navigate action. */
  afterLogIn: AfterLogIn;
  /** A further Update Authenticated User in the login's action chain, with the same fields and the person's profile. */
  profileAfterLogIn: boolean;
  /** What the entry page does On Page Load when nobody is logged in. */
  onEntryPageLoad: 'nothing' | 'Log Out' | 'Log Out if a uid is left over';
  refresh: 'never' | 'on 401';
  /** Calls that need a refresh at the same time share one. */
  singleFlight: boolean;
  escapeVariablesInRequestBody: boolean;
  cacheLogIn: boolean;
  /** The header of protected calls, and what is passed to its variable. */
  authorization: { template: string; token: 'Auth Token' | 'not set' | 'Auth Token with Bearer before it' };
  snackBarOnFailure: boolean;
}

const text = (path: string): TextMapping => ({ path, read: 'castToType<String>' });

export const kAllFields: Required<FieldMappings> = {
  authenticationToken: text('$.access_token'),
  refreshToken: text('$.refresh_token'),
  tokenExpiration: { path: '$.session_expires_at', convert: 'dateTimeFromSecondsSinceEpoch' },
  authUid: text('$.uid'),
  userData: { path: '$.user' },
};

/** As Latchkey recommends it, in what FlutterFlow's builder offers. */
export const kRecommendedWiring: Wiring = {
  entryPage: 'Login',
  loggedInPage: 'Home',
  persistAuthSessions: true,
  logIn: kAllFields,
  update: kAllFields,
  afterLogIn: 'automatic',
  profileAfterLogIn: false,
  onEntryPageLoad: 'Log Out if a uid is left over',
  refresh: 'on 401',
  singleFlight: true,
  escapeVariablesInRequestBody: true,
  cacheLogIn: false,
  authorization: { template: 'Bearer [token]', token: 'Auth Token' },
  snackBarOnFailure: true,
};
