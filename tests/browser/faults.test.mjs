// What the app says when the server refuses, is slow, is broken or is away; and that nobody is signed out by it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe } from 'node:test';
import { appTests, startServer } from './support/app.mjs';
import {
  button,
  callApi,
  failure,
  fillLogin,
  heading,
  logIn,
  newPerson,
  status,
  submitLogin,
  until,
} from './support/people.mjs';

const HTML = '<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>';
const htmlAnswer = (code) => ({ status: code, contentType: 'text/html', body: HTML });

// Counts the calls of a page to one path of the API.
function countCalls(page, wanted) {
  const calls = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === wanted) calls.push(request);
  });
  return calls;
}

describe('an account that is locked', () => {
  const test = appTests(['lockout.account_threshold=3', 'lockout.address_threshold=0', 'lockout.first_lock=4s']);

  test('refuses the right password as if it were wrong, until the lock is over', async ({ page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app/login');
    await fillLogin(page, person);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await callApi(server, '/login', { body: { email: person.email, password: 'not this one' } });
    }
    await button(page, 'Log in').click();
    await failure(page, 'Invalid login credentials').waitFor();
    assert.equal(new URL(page.url()).pathname, '/app/login');
    await until('the lock ends', async () => {
      const { status: code } = await callApi(server, '/login', {
        body: { email: person.email, password: person.password },
      });
      return code === 200;
    });
    await submitLogin(page, person);
    await heading(page, `Hello, ${person.name}`).waitFor();
  });
});

describe('a server with limits', () => {
  const test = appTests(['rate_limit.enabled=true', 'rate_limit.login=1/10s']);

  test('asks to wait, counts down, and lets in after that', async ({ page, server }) => {
    const person = await newPerson(server);
    const logins = countCalls(page, '/auth/v1/login');
    await page.goto('/app/login');
    await submitLogin(page, { ...person, password: 'not this one' });
    await failure(page, 'Invalid login credentials').waitFor();
    await submitLogin(page, person);
    await failure(page, /Too many requests, please wait a moment\. Try again in \d+ seconds?\./).waitFor();
    const waiting = page.getByRole('button', { name: /^Try again in \d+ s$/ });
    assert.equal(await waiting.getAttribute('aria-disabled'), 'true');
    await page.keyboard.press('Enter');
    assert.equal(logins.length, 2);
    await button(page, 'Log in').click();
    await heading(page, `Hello, ${person.name}`).waitFor();
    assert.equal(logins.length, 3);
  });
});

describe('a server whose database is held by somebody else', () => {
  const test = appTests();

  test('is told as being unavailable for now, and signing in works later', async ({ page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app/login');
    await fillLogin(page, person);
    const other = new DatabaseSync(path.join(server.data, 'latchkey.db'));
    try {
      other.exec('BEGIN IMMEDIATE');
      await button(page, 'Log in').click();
      await failure(page, 'The service is temporarily unavailable, please try again').waitFor();
    } finally {
      other.close();
    }
    await submitLogin(page, person);
    await heading(page, `Hello, ${person.name}`).waitFor();
  });
});

describe('a server that is slow', () => {
  const test = appTests();

  test('is waited for, with a word about it, and asked once only', async ({ page, server }) => {
    const person = await newPerson(server);
    const logins = countCalls(page, '/auth/v1/login');
    await page.goto('/app/login');
    await fillLogin(page, person);
    server.child.kill('SIGSTOP');
    try {
      await button(page, 'Log in').click();
      await button(page, 'Log in').and(page.locator('[aria-busy="true"]')).waitFor();
      await button(page, 'Log in').click({ force: true }); // though it says that it is disabled
      await page.keyboard.press('Enter');
      await status(page, 'The server is taking longer than usual. Still waiting…').waitFor();
    } finally {
      server.child.kill('SIGCONT');
    }
    await heading(page, `Hello, ${person.name}`).waitFor();
    assert.equal(logins.length, 1);
  });
});

describe('a network or a proxy that fails', () => {
  const test = appTests();

  test('being offline is said, and the login works when the network is back', async ({ context, page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app/login');
    await fillLogin(page, person);
    await context.setOffline(true);
    await status(page, 'You are offline.').waitFor();
    await button(page, 'Log in').click();
    await failure(page, 'You are offline. Please try again when you are connected.').waitFor();
    await context.setOffline(false);
    await status(page, 'You are offline.').waitFor({ state: 'detached' });
    await button(page, 'Log in').click();
    await heading(page, `Hello, ${person.name}`).waitFor();
  });

  for (const code of [502, 200]) {
    test(`an HTML page with status ${code} signs nobody in`, async ({ page, server }) => {
      const person = await newPerson(server);
      await page.route('**/auth/v1/login', (route) => route.fulfill(htmlAnswer(code)));
      await page.goto('/app/login');
      await submitLogin(page, person);
      await failure(page, `The server answered something that is not JSON (status ${code})`).waitFor();
      assert.equal(new URL(page.url()).pathname, '/app/login');
      await page.unroute('**/auth/v1/login');
      await button(page, 'Log in').click();
      await heading(page, `Hello, ${person.name}`).waitFor();
    });
  }

  test('a connection that breaks is said', async ({ page, server }) => {
    const person = await newPerson(server);
    await page.route('**/auth/v1/login', (route) => route.abort('connectionreset'));
    await page.goto('/app/login');
    await submitLogin(page, person);
    await failure(page, /cannot be reached/).waitFor();
  });

  test('the configuration that does not come is said instead of a blank page', async ({ page }) => {
    await page.route('**/app/config.json', (route) => route.fulfill(htmlAnswer(502)));
    await page.goto('/app');
    await heading(page, 'The app cannot start').waitFor();
    await page.unroute('**/app/config.json');
    await button(page, 'Try again').click();
    await heading(page, 'Log in').waitFor();
  });
});

describe('somebody who is signed in', () => {
  const test = appTests();
  const FAULTS = {
    'no connection': [(route) => route.abort('connectionrefused'), /cannot be reached/],
    'an HTML page with status 502': [(route) => route.fulfill(htmlAnswer(502)), /not JSON \(status 502\)/],
    'an HTML page with status 200': [(route) => route.fulfill(htmlAnswer(200)), /not JSON \(status 200\)/],
    'a full server': [
      (route) =>
        route.fulfill({
          status: 503,
          headers: { 'retry-after': '2' },
          json: { code: 'overloaded', message: 'The server is busy, please try again' },
        }),
      'The server is busy, please try again. Try again in 2 seconds.',
    ],
  };

  for (const [fault, [answer, message]] of Object.entries(FAULTS)) {
    test(`stays so through ${fault}, also while refreshing`, async ({ page, server }) => {
      const person = await newPerson(server);
      await logIn(page, person);
      await page.getByRole('list', { name: 'Sessions' }).waitFor();
      await page.route('**/auth/v1/**', answer);
      await button(page, 'Call GET /user').click();
      await failure(page, message).waitFor();
      await failure(page, message).getByRole('button', { name: 'Dismiss' }).click();
      await failure(page, message).waitFor({ state: 'detached' });
      await button(page, 'Refresh now').click();
      await failure(page, message).waitFor();
      await page.reload();
      await heading(page, `Hello, ${person.name}`).waitFor();
      await page.getByText('Try again', { exact: true }).waitFor();
      await page.unroute('**/auth/v1/**');
      await button(page, 'Try again').click();
      await page.getByRole('list', { name: 'Sessions' }).waitFor();
      await button(page, 'Refresh now').click();
      await status(page, 'The session was refreshed.').waitFor();
    });
  }

  test('stays so while offline, and the page says it', async ({ context, page, server }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    await context.setOffline(true);
    await status(page, 'You are offline. You stay signed in; calls work again when the connection is back.').waitFor();
    await button(page, 'Call GET /user').click();
    await failure(page, 'You are offline.').waitFor();
    await context.setOffline(false);
    await button(page, 'Call GET /user').click();
    await status(page, 'The server knows you.').waitFor();
  });

  test('can log out while the server is away', async ({ context, page, server }) => {
    await logIn(page, await newPerson(server));
    await context.setOffline(true);
    await button(page, 'Log out here').click();
    await status(page, 'You are logged out here. The server could not be told').waitFor();
    await heading(page, 'Log in').waitFor();
  });
});

describe('a server that was stopped', () => {
  const test = appTests();

  test('is told as one that cannot be reached', async ({ page }) => {
    const stopped = await startServer();
    try {
      const person = await newPerson(stopped);
      await page.goto(`${stopped.url}/app/login`);
      await fillLogin(page, person);
    } finally {
      await stopped.stop();
    }
    await button(page, 'Log in').click();
    await failure(page, /cannot be reached/).waitFor();
  });
});
