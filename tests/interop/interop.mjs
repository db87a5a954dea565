// Clients that nobody here wrote, against the real binary:
//   node interop.mjs path/to/latchkey
// jose and openid-client check access tokens through the JWKS before and after a key rotation;
// @supabase/auth-js lives through an account's day. Ends with `N passed, N failed`.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { GoTrueClient } from '@supabase/auth-js';
import * as jose from 'jose';
import * as openid from 'openid-client';
import { Server } from '../support/server.mjs';

const PASSWORD = 'violet-harbour-41-kettle';
const ROTATION_SECONDS = 30; // within which a running server must sign with the new key

const counts = { passed: 0, failed: 0 };
async function step(name, body) {
  try {
    await body();
    counts.passed += 1;
    console.log(`ok    ${name}`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).replaceAll('\n', '\n      ')}`);
  }
}

const email = () => `u-${randomBytes(6).toString('hex')}@example.com`;

async function post(url, body) {
  const answer = await fetch(url, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  const json = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(json));
  return json;
}

// ---- jose ---------------------------------------------------------------------------------------------

function joseVerifier(base) {
  const keys = jose.createRemoteJWKSet(new URL(`${base}/.well-known/jwks.json`));
  return async (session) => {
    const issuer = jose.decodeJwt(session.access_token).iss;
    const { payload } = await jose.jwtVerify(session.access_token, keys,
      { issuer, audience: 'authenticated', algorithms: ['ES256'], requiredClaims: ['sub', 'exp', 'iat', 'jti'] });
    assert.equal(payload.sub, session.uid);
    assert.equal(payload.email, session.user.email);
  };
}

// ---- openid-client --------------------------------------------------------------------------------------

// openid-client checks the JWT of an answer when it is an ID token. Ours are access tokens with the same
// claims, so the answer is handed to it with the access token as ID token as well; issuer, audience, times
// and, with non-repudiation checks, the signature through the JWKS are then its own business.
function openidClient(base, issuer, answerOf) {
  const config = new openid.Configuration({
    issuer,
    token_endpoint: `${base}/token`,
    jwks_uri: `${base}/.well-known/jwks.json`,
    id_token_signing_alg_values_supported: ['ES256'],
  }, 'authenticated', { id_token_signed_response_alg: 'ES256' }, openid.None());
  openid.allowInsecureRequests(config);
  openid.enableNonRepudiationChecks(config);
  config[openid.customFetch] = async (url, options) => {
    if (!url.startsWith(`${base}/token`)) return fetch(url, options);
    const grant = new URLSearchParams(options.body).get('grant_type');
    const answer = answerOf ? Response.json(answerOf)
      : await fetch(`${url}?grant_type=${grant}`, options);
    const json = await answer.json();
    return Response.json({ ...json, id_token: json.access_token }, { status: answer.status });
  };
  return config;
}

async function openidVerify(base, session) {
  const { iss } = jose.decodeJwt(session.access_token);
  const tokens = await openid.refreshTokenGrant(openidClient(base, iss, session), session.refresh_token);
  assert.equal(tokens.claims().sub, session.uid);
}

async function tokens(server) {
  const base = `${server.url}/auth/v1`;
  const address = email();
  const before = await post(`${base}/signup`, { email: address, password: PASSWORD });
  const { iss } = jose.decodeJwt(before.access_token);
  const warm = joseVerifier(base); // has read the keys before the rotation

  await step('jose verifies an access token through the JWKS', () => warm(before));
  await step('jose refuses the token when one byte is changed', async () => {
    const parts = before.access_token.split('.');
    const payload = { ...jose.decodeJwt(before.access_token), role: 'service_role' };
    parts[1] = jose.base64url.encode(JSON.stringify(payload));
    await assert.rejects(warm({ ...before, access_token: parts.join('.') }),
      jose.errors.JWSSignatureVerificationFailed);
  });
  await step('openid-client signs in with a password and verifies the answer through the JWKS', async () => {
    const answer = await openid.genericGrantRequest(openidClient(base, iss), 'password',
      { username: address, email: address, password: PASSWORD });
    assert.equal(answer.claims().sub, before.uid);
    assert.equal(answer.expires_in, 3600);
  });
  await step('openid-client refreshes and verifies the answer through the JWKS', async () => {
    const session = await post(`${base}/login`, { email: address, password: PASSWORD });
    const answer = await openid.refreshTokenGrant(openidClient(base, iss), session.refresh_token);
    assert.equal(answer.claims().sub, before.uid);
    assert.notEqual(answer.refresh_token, session.refresh_token);
  });
  await step('openid-client calls a protected resource with the access token', async () => {
    const answer = await openid.fetchProtectedResource(openidClient(base, iss), before.access_token,
      new URL(`${base}/user`), 'GET');
    assert.equal((await answer.json()).id, before.uid);
  });

  const kidOf = (session) => jose.decodeProtectedHeader(session.access_token).kid;
  let after = before;
  await step('a rotation takes effect in the running server', async () => {
    await server.command('keys', 'rotate');
    const deadline = Date.now() + ROTATION_SECONDS * 1000;
    while (kidOf(after) === kidOf(before) && Date.now() < deadline)
      after = await post(`${base}/login`, { email: address, password: PASSWORD });
    assert.notEqual(kidOf(after), kidOf(before));
  });
  await step('jose verifies the old token with keys read after the rotation', () => joseVerifier(base)(before));
  await step('jose verifies the new token with keys read after the rotation', () => joseVerifier(base)(after));
  await step('jose verifies the new token with keys read before the rotation', () => warm(after));
  await step('openid-client verifies the old token after the rotation', () => openidVerify(base, before));
  await step('openid-client verifies the new token after the rotation', () => openidVerify(base, after));
  await step('nobody is signed out: the old access token and the old refresh token still work', async () => {
    const answer = await fetch(`${base}/user`, { headers: { authorization: `Bearer ${before.access_token}` } });
    assert.equal(answer.status, 200);
    const refreshed = await post(`${base}/token?grant_type=refresh_token`, { refresh_token: before.refresh_token });
    assert.equal(refreshed.uid, before.uid);
    assert.equal(kidOf(refreshed), kidOf(after));
  });
}

// ---- @supabase/auth-js ----------------------------------------------------------------------------------

class MemoryStorage {
  #items = new Map();
  getItem(key) { return this.#items.get(key) ?? null; }
  setItem(key, value) { this.#items.set(key, value); }
  removeItem(key) { this.#items.delete(key); }
}

function supabaseClient(base) {
  return new GoTrueClient({
    url: base, headers: { apikey: 'anon' }, storage: new MemoryStorage(), autoRefreshToken: false,
    persistSession: true, detectSessionInUrl: false,
  });
}

// The data of an answer that must have none of auth-js's errors.
function data(answer) {
  assert.equal(answer.error, null, `${answer.error?.name} ${answer.error?.code}: ${answer.error?.message}`);
  return answer.data;
}

async function supabase(server) {
  const base = `${server.url}/auth/v1`;
  const address = email();
  const credentials = { email: address, password: PASSWORD };
  const client = supabaseClient(base);
  const other = supabaseClient(base);
  let uid;

  await step('auth-js signs up, with metadata, and is signed in', async () => {
    const { user, session } = data(await client.signUp({ ...credentials, options: { data: { name: 'Ada' } } }));
    uid = user.id;
    assert.equal(user.email, address);
    assert.equal(user.aud, 'authenticated');
    assert.equal(user.role, 'authenticated');
    assert.equal(user.user_metadata.name, 'Ada');
    assert.equal(session.token_type, 'bearer');
    assert.equal(session.user.id, uid);
    assert.ok(session.expires_at > Date.now() / 1000);
  });
  await step('auth-js keeps the session', async () => {
    const { session } = data(await client.getSession());
    assert.equal(session.user.id, uid);
  });
  await step('auth-js verifies the claims by itself', async () => {
    const { claims } = data(await client.getClaims());
    assert.equal(claims.sub, uid);
    assert.equal(claims.aal, 'aal1');
    assert.equal(claims.is_anonymous, false);
  });
  await step('auth-js reads a taken address as user_already_exists', async () => {
    const { error } = await supabaseClient(base).signUp(credentials);
    assert.equal(error?.code, 'user_already_exists');
    assert.equal(error.status, 422);
    assert.equal(error.message, 'User already registered');
  });
  await step('auth-js reads a weak password with its reasons', async () => {
    const { error } = await supabaseClient(base).signUp({ email: email(), password: 'abc' });
    assert.equal(error?.name, 'AuthWeakPasswordError');
    assert.ok(error.reasons.includes('length'), String(error.reasons));
  });
  await step('auth-js reads a wrong password as invalid_credentials', async () => {
    const { error } = await supabaseClient(base).signInWithPassword({ email: address, password: 'not-that-one-7' });
    assert.equal(error?.code, 'invalid_credentials');
    assert.equal(error.status, 400);
  });
  await step('auth-js signs in', async () => {
    const { user } = data(await other.signInWithPassword(credentials));
    assert.equal(user.id, uid);
  });
  await step('auth-js signs up and in with a phone number', async () => {
    const phone = `+4915${String(Date.now()).slice(-9)}`;
    data(await supabaseClient(base).signUp({ phone, password: PASSWORD }));
    const { user } = data(await supabaseClient(base).signInWithPassword({ phone, password: PASSWORD }));
    assert.equal(user.phone.replace('+', ''), phone.replace('+', ''));
  });
  await step('auth-js refreshes', async () => {
    const old = data(await client.getSession()).session;
    const { session } = data(await client.refreshSession());
    assert.notEqual(session.refresh_token, old.refresh_token);
    assert.notEqual(session.access_token, old.access_token);
    assert.equal(session.user.id, uid);
  });
  await step('auth-js takes over a session by its refresh token', async () => {
    const { session } = data(await client.getSession());
    const third = supabaseClient(base);
    const taken = data(await third.setSession(session));
    assert.equal(taken.user.id, uid);
  });
  await step('auth-js reads the user', async () => {
    const { user } = data(await client.getUser());
    assert.equal(user.id, uid);
    assert.ok(Array.isArray(user.identities));
    assert.ok(Date.parse(user.created_at) > 0);
  });
  await step('auth-js updates metadata, key by key', async () => {
    const { user } = data(await client.updateUser({ data: { theme: 'dark' } }));
    assert.equal(user.user_metadata.theme, 'dark');
    assert.equal(user.user_metadata.name, 'Ada');
    assert.equal(data(await client.getUser()).user.user_metadata.theme, 'dark');
  });
  const changed = `${PASSWORD}-2`;
  await step('auth-js changes the password; the old one no longer signs in', async () => {
    data(await client.updateUser({ password: changed, current_password: PASSWORD }));
    const { error } = await supabaseClient(base).signInWithPassword(credentials);
    assert.equal(error?.code, 'invalid_credentials');
    data(await other.signInWithPassword({ email: address, password: changed }));
  });
  await step('auth-js signs out locally: this session ends, the other lives', async () => {
    const { session } = data(await client.getSession());
    data({ data: null, ...await client.signOut({ scope: 'local' }) });
    assert.equal(data(await client.getSession()).session, null);
    assert.equal((await supabaseClient(base).getUser(session.access_token)).error?.name, 'AuthSessionMissingError');
    const refused = await supabaseClient(base).refreshSession({ refresh_token: session.refresh_token });
    assert.ok(refused.error, 'the refresh token of an ended session was taken');
    data(await other.getUser());
  });
  await step('auth-js signs out the others', async () => {
    data(await client.signInWithPassword({ email: address, password: changed }));
    const { session } = data(await other.getSession());
    data({ data: null, ...await client.signOut({ scope: 'others' }) });
    data(await client.getUser());
    assert.equal((await supabaseClient(base).getUser(session.access_token)).error?.name, 'AuthSessionMissingError');
  });
  await step('auth-js signs out everywhere', async () => {
    data(await other.signInWithPassword({ email: address, password: changed }));
    const { session } = data(await other.getSession());
    data({ data: null, ...await client.signOut({ scope: 'global' }) });
    assert.equal((await supabaseClient(base).getUser(session.access_token)).error?.name, 'AuthSessionMissingError');
  });
  await step('auth-js reads a forged token as refused', async () => {
    const { error } = await supabaseClient(base).getUser('eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.');
    assert.equal(error?.code, 'bad_jwt');
    assert.equal(error.status, 401);
  });
}

// ---- All of it ------------------------------------------------------------------------------------------

const [binary] = process.argv.slice(2);
if (!binary) {
  console.error('usage: node interop.mjs path/to/latchkey');
  process.exit(2);
}
const server = await Server.start(binary);
try {
  await step('the tokens of the server', () => tokens(server));
  await step('the life of an account', () => supabase(server));
} finally {
  await step('the server ends on SIGTERM', async () => assert.equal(await server.stop(), 0));
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed ? 1 : 0);
