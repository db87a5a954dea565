// What the wrong wiring and the cured one set differently, in the builder's words.
import type { LabCase, LabSetup } from '@latchkey/flutterflow-client';

export interface Difference {
  name: string;
  wrong: string;
  cured: string;
}

const NAMES: Record<string, string> = {
  entryPage: 'Entry page',
  loggedInPage: 'Logged-in page',
  persistAuthSessions: 'Persist Auth Sessions',
  logIn: 'Log in',
  update: 'Update Authenticated User',
  afterLogIn: 'After the login',
  profileAfterLogIn: 'Profile update after the login',
  onEntryPageLoad: 'When the entry page opens logged out',
  refresh: 'Refresh',
  singleFlight: 'Calls share one refresh',
  escapeVariablesInRequestBody: 'Escape Variables in Request Body',
  cacheLogIn: 'Cache the login call',
  authorization: 'Authorization header',
  snackBarOnFailure: 'Snack bar when a call fails',
  authenticationToken: 'Auth Token',
  refreshToken: 'Refresh Token',
  tokenExpiration: 'Token Expiry Time',
  authUid: 'User ID',
  userData: 'User Data',
  template: 'template',
  token: 'variable',
  conditions: 'Server or browser',
};

function shown(value: unknown): string {
  if (value === undefined) return 'empty';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'object' && value !== null) return Object.values(value).map(shown).join(', ') || 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Groups of settings are compared one by one, so that only what differs is named.
function compare(wrong: Record<string, unknown>, cured: Record<string, unknown>, path: string[]): Difference[] {
  const keys = [...new Set([...Object.keys(wrong), ...Object.keys(cured)])];
  return keys.flatMap((key) => {
    const [before, after] = [wrong[key], cured[key]];
    if (shown(before) === shown(after)) return [];
    const here = [...path, NAMES[key] ?? key];
    const isGroup = path.length === 0 && isRecord(before) && isRecord(after);
    if (isGroup) return compare(before, after, here);
    return [{ name: here.join(': '), wrong: shown(before), cured: shown(after) }];
  });
}

function settingsOf({ wiring, conditions }: LabSetup): Record<string, unknown> {
  return { ...wiring, conditions };
}

export function differencesOf(labCase: Pick<LabCase, 'wrong' | 'cured'>): Difference[] {
  return compare(settingsOf(labCase.wrong), settingsOf(labCase.cured), []);
}
