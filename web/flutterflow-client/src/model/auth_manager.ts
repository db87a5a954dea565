// The session holder of the generated code (lib/auth/custom_auth/custom_auth_manager.dart), with its traps.

import { SharedPreferences } from './shared_preferences.ts';
import type { Clock, StoragePort } from '../ports.ts';

export const kAuthTokenKey = '_auth_authentication_token_';
export const kRefreshTokenKey = '_auth_refresh_token_';
export const kTokenExpirationKey = '_auth_token_expiration_';
export const kUidKey = '_auth_uid_';
export const kUserDataKey = '_auth_user_data_';
export const kAuthKeys = [kAuthTokenKey, kRefreshTokenKey, kTokenExpirationKey, kUidKey, kUserDataKey] as const;

export type UserData = Record<string, unknown>;

/** What Log in and Update Authenticated User take. All optional; what is left out becomes null. */
export interface AuthFields {
  authenticationToken?: string | null;
  refreshToken?: string | null;
  tokenExpiration?: Date | null;
  authUid?: string | null;
  userData?: UserData | null;
}

/** What the notifier and the pages see of it. */
export interface AuthUser {
  readonly loggedIn: boolean;
  readonly uid: string | null;
  readonly userData: UserData | null;
}

export interface AuthManagerOptions {
  storage: StoragePort;
  clock: Clock;
  /** Persist Auth Sessions; on in a new project. */
  persist?: boolean;
  /** A release build passes over assertions; a debug build (Test and Run mode) throws. */
  build?: 'debug' | 'release';
  /** Whether the project associates a user data type. */
  hasUserData?: boolean;
}

export class AuthAssertionError extends Error {
  override name = 'AssertionError';
}

const kNobody: AuthUser = { loggedIn: false, uid: null, userData: null };

// In Dart the methods are asynchronous, but wait for nothing that changes the order of what is seen here.
export class AuthManager {
  readonly #preferences: SharedPreferences;
  readonly #clock: Clock;
  readonly #persist: boolean;
  readonly #debug: boolean;
  readonly #hasUserData: boolean;
  readonly #listeners = new Set<(user: AuthUser) => void>();
  #user: AuthUser = kNobody;

  authenticationToken: string | null = null;
  refreshToken: string | null = null;
  tokenExpiration: Date | null = null;
  uid: string | null = null;
  userData: UserData | null = null;

  constructor(options: AuthManagerOptions) {
    this.#preferences = new SharedPreferences(options.storage);
    this.#clock = options.clock;
    this.#persist = options.persist ?? true;
    this.#debug = options.build === 'debug';
    this.#hasUserData = options.hasUserData ?? true;
  }

  get currentUser(): AuthUser {
    return this.#user;
  }

  /** Decided by the last of initialize, signIn, updateAuthUserData and signOut. Time passing does not change it. */
  get loggedIn(): boolean {
    return this.#user.loggedIn;
  }

  /** Reads what is stored. Generated only with Persist Auth Sessions; main.dart awaits it before the first page. */
  initialize(): void {
    if (!this.#persist) return;
    this.authenticationToken = this.#preferences.getString(kAuthTokenKey);
    this.refreshToken = this.#preferences.getString(kRefreshTokenKey);
    const expiration = this.#preferences.getInt(kTokenExpirationKey);
    this.tokenExpiration = expiration === null ? null : new Date(expiration);
    this.uid = this.#preferences.getString(kUidKey);
    this.userData = this.#hasUserData ? parseUserData(this.#preferences.getString(kUserDataKey)) : null;

    const past = this.tokenExpiration !== null && this.tokenExpiration.getTime() < this.#clock.now();
    this.#emit({
      loggedIn: this.authenticationToken !== null && !past,
      uid: this.uid,
      userData: this.userData,
    });
  }

  signIn(fields: AuthFields): AuthUser {
    return this.#replace(fields);
  }

  /** Throws when nobody is logged in, in debug builds only. */
  updateAuthUserData(fields: AuthFields): void {
    if (this.#debug && !this.loggedIn) {
      throw new AuthAssertionError('User must be logged in to update auth user data.');
    }
    this.#replace(fields);
  }

  signOut(): void {
    this.#set({});
    this.#store();
    this.#emit(kNobody);
  }

  /** The listener is called at once with the present user, and at every change, as Dart's BehaviorSubject does. */
  listen(listener: (user: AuthUser) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#user);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #replace(fields: AuthFields): AuthUser {
    this.#set(fields);
    this.#store();
    const user = { loggedIn: true, uid: this.uid, userData: this.userData };
    this.#emit(user);
    return user;
  }

  #set(fields: AuthFields): void {
    this.authenticationToken = fields.authenticationToken ?? null;
    this.refreshToken = fields.refreshToken ?? null;
    this.tokenExpiration = fields.tokenExpiration ?? null;
    this.uid = fields.authUid ?? null;
    this.userData = this.#hasUserData ? (fields.userData ?? null) : null;
  }

  #emit(user: AuthUser): void {
    this.#user = user;
    for (const listener of [...this.#listeners]) listener(user);
  }

  #store(): void {
    if (!this.#persist) return;
    this.#storeText(kAuthTokenKey, this.authenticationToken);
    this.#storeText(kRefreshTokenKey, this.refreshToken);
    if (this.tokenExpiration === null) this.#preferences.remove(kTokenExpirationKey);
    else this.#preferences.setInt(kTokenExpirationKey, this.tokenExpiration.getTime());
    this.#storeText(kUidKey, this.uid);
    if (this.#hasUserData) {
      this.#storeText(kUserDataKey, this.userData === null ? null : JSON.stringify(this.userData));
    }
  }

  #storeText(key: string, value: string | null): void {
    if (value === null) this.#preferences.remove(key);
    else this.#preferences.setString(key, value);
  }
}

function parseUserData(text: string | null): UserData | null {
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? (value as UserData) : null;
}
