// People with accounts, and what they do on the pages.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MILLISECONDS = 25;

export const PASSWORD = 'violet-harbour-41-kettle';

export const newEmail = () => `u-${randomBytes(6).toString('hex')}@example.com`;

// Calls the API from outside the browser.
export async function callApi(server, path, { method = 'POST', body, token } = {}) {
  const answer = await fetch(`${server.url}/auth/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? null : JSON.parse(text) };
}

// Makes an account without the browser.
export async function newPerson(server, { password = PASSWORD, name = 'Ada Lovelace', ...identifier } = {}) {
  const person = Object.keys(identifier).length > 0 ? identifier : { email: newEmail() };
  const answer = await callApi(server, '/signup', { body: { ...person, password, data: { full_name: name } } });
  assert.equal(answer.status, 200, JSON.stringify(answer.json));
  return { ...person, password, name, session: answer.json };
}

export const heading = (page, name) => page.getByRole('heading', { level: 1, name });
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const failure = (page, text) => page.getByRole('alert').filter({ hasText: text });
export const status = (page, text) => page.getByRole('status').filter({ hasText: text });
export const field = (page, name) => page.getByRole('textbox', { name, exact: true });

export async function fillLogin(page, person) {
  await field(page, 'Email, user name or phone').fill(person.email ?? person.username ?? person.phone);
  await field(page, 'Password').fill(person.password);
}

// Types the credentials on the page that is open; what follows is for the test to see.
export async function submitLogin(page, person) {
  await fillLogin(page, person);
  await button(page, 'Log in').click();
}

export async function logIn(page, person) {
  await page.goto('/app/login');
  await submitLogin(page, person);
  await heading(page, `Hello, ${person.name}`).waitFor();
}

// The text that belongs to a field for screen readers: its help and what is wrong with it.
export async function problemAt(locator) {
  await locator.and(locator.page().locator('[aria-invalid="true"]')).waitFor();
  return locator.evaluate((input) =>
    (input.getAttribute('aria-describedby') ?? '')
      .split(/\s+/)
      .map((id) => document.getElementById(id)?.textContent ?? '')
      .join(' '),
  );
}

// Repeats `look` until it answers something true.
export async function until(what, look) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    assert.ok(Date.now() < deadline, `not within 30 s: ${what}`);
    await pause(LOOK_MILLISECONDS);
  }
}
