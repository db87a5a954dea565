// The HTTP contract as types: what Latchkey answers, and what is sent to it.

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

/** The answer to sign-up, login and refresh. */
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

/** One of the person's sessions. */
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

/** This session, all of them, or all but this one. */
export type LogOutScope = 'local' | 'global' | 'others';

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base URL, such as "/user". */
  path: string;
  body?: unknown;
  /** A name for the developer drawer; method and path without it. */
  name?: string;
}
