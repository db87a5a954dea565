// Staying signed in: reloads, tabs, times that run out, refreshes, and every way to end a session.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { appTests } from './support/app.mjs';
import { button, callApi, heading, logIn, newPerson, status, submitLogin, until } from './support/people.mjs';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const sessionRows = (page) => page.getByRole('list', { name: 'Sessions' }).getByRole('listitem');
const path = (page) => new URL(page.url()).pathname;

// The calls of all pages of a profile to one path of the API, with their answers as they come.
function watchCalls(context, wanted) {
  const seen = { requests: 0, statuses: [] };
  const concerns = (url) => new URL(url).pathname === `/auth/v1${wanted}`;
  context.on('request', (request) => {
    if (concerns(request.url())) seen.requests += 1;
  });
  context.on('response', (response) => {
    if (concerns(response.url())) seen.statuses.push(response.status());
  });
  return seen;
}

const storedKeys = (page) =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('flutter._auth_')));

describe('a session that is kept', () => {
  const test = appTests();

  test('outlives a reload, and is stored as FlutterFlow stores it', async ({ page, server }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    await page.reload();
    await heading(page, `Hello, ${person.name}`).waitFor();
    assert.deepEqual((await storedKeys(page)).sort(), [
      'flutter._auth_authentication_token_',
      'flutter._auth_refresh_token_',
      'flutter._auth_token_expiration_',
      'flutter._auth_uid_',
      'flutter._auth_user_data_',
    ]);
  });

  test('is there in a new tab, at the start page and at a protected one', async ({ context, page, server }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    const second = await context.newPage();
    await second.goto('/app');
    await heading(second, `Hello, ${person.name}`).waitFor();
    await second.goto('/app/account');
    await heading(second, 'Account').waitFor();
  });

  test('shows both of its ends counting down', async ({ page, server }) => {
    await logIn(page, await newPerson(server));
    const left = page.getByRole('timer', { name: /^Access token: / });
    const before = await left.textContent();
    await page.getByRole('timer', { name: /^Session: / }).waitFor();
    await left.filter({ hasNotText: before }).waitFor();
  });

  test('is renewed on demand', async ({ context, page, server }) => {
    await logIn(page, await newPerson(server));
    const refreshes = watchCalls(context, '/refresh');
    await button(page, 'Refresh now').click();
    await status(page, 'The session was refreshed.').waitFor();
    assert.deepEqual(refreshes.statuses, [200]);
  });

  test('is shared by a tab that was open when another one signed in', async ({ context, page, server }) => {
    const person = await newPerson(server);
    const waiting = await context.newPage();
    await waiting.goto('/app/login');
    await heading(waiting, 'Log in').waitFor();
    await logIn(page, person);
    await heading(waiting, `Hello, ${person.name}`).waitFor();
  });
});

describe('a time that runs out', () => {
  const test = appTests();

  test('the access token while the page is closed: the first calls share one refresh in all tabs', async ({
    context,
    page,
    server,
  }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    await page.close();
    const refreshes = watchCalls(context, '/refresh');
    await context.clock.setFixedTime(Date.now() + 2 * HOUR);
    const tabs = await Promise.all([1, 2, 3].map(() => context.newPage()));
    await Promise.all(tabs.map((tab) => tab.goto('/app/home')));
    for (const tab of tabs) await sessionRows(tab).first().waitFor();
    assert.equal(refreshes.requests, 1);
  });

  test('the access token while the page is open: it is renewed shortly before', async ({ context, page, server }) => {
    const person = await newPerson(server);
    await page.clock.install();
    await logIn(page, person);
    const refresh = context.waitForEvent('response', (response) => response.url().endsWith('/auth/v1/refresh'));
    await page.clock.fastForward(59.5 * 60_000);
    assert.equal((await refresh).status(), 200);
    await page.getByRole('timer', { name: /^Access token: (1 hour|59 minutes)/ }).waitFor();
  });

  test('the session while the page is closed: login, and then the page that was asked for', async ({
    context,
    page,
    server,
  }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    await page.close();
    const later = await context.newPage();
    await later.clock.setFixedTime(Date.now() + 40 * DAY);
    await later.goto('/app/account');
    await heading(later, 'Log in').waitFor();
    assert.deepEqual(await storedKeys(later), []);
    // The clock of the device is right again, or the new session would seem to be over as well.
    await later.clock.setFixedTime(Date.now());
    await submitLogin(later, person);
    await heading(later, 'Account').waitFor();
  });
});

describe('calls at the same time', () => {
  const test = appTests();

  test('share one refresh', async ({ context, page, server }) => {
    await logIn(page, await newPerson(server));
    await sessionRows(page).first().waitFor();
    const refreshes = watchCalls(context, '/refresh');
    let release;
    const held = new Promise((resolve) => {
      release = resolve;
    });
    await page.route('**/auth/v1/refresh', async (route) => {
      await held;
      await route.continue();
    });
    await page.clock.setFixedTime(Date.now() + 2 * HOUR);
    const busy = page.locator('[aria-busy="true"]');
    await button(page, 'Call GET /user').click();
    await button(page, 'Call GET /user').and(busy).waitFor();
    await button(page, 'Refresh now').and(busy).waitFor();
    await page.getByRole('link', { name: 'Account' }).first().click();
    await heading(page, 'Account').waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Ada King');
    await button(page, 'Save name').click();
    await button(page, 'Save name').and(busy).waitFor();
    release();
    await status(page, 'The server knows you.').waitFor();
    await status(page, 'Your name was changed.').waitFor();
    assert.equal(refreshes.requests, 1);
  });

  test('go on after a refresh whose answer was lost', async ({ context, page, server }) => {
    await logIn(page, await newPerson(server));
    await sessionRows(page).first().waitFor();
    const refreshes = watchCalls(context, '/refresh');
    await page.route('**/auth/v1/refresh', async (route) => {
      await route.fetch(); // the server has rotated the token
      await route.abort('connectionreset');
    });
    await button(page, 'Refresh now').click();
    await page.getByRole('alert').filter({ hasText: 'cannot be reached' }).waitFor();
    await page.unroute('**/auth/v1/refresh');
    await button(page, 'Refresh now').click();
    await status(page, 'The session was refreshed.').waitFor();
    await button(page, 'Call GET /user').click();
    await status(page, 'The server knows you.').waitFor();
    assert.deepEqual(refreshes.statuses, [200]);
  });
});

describe('access tokens of one second', () => {
  const test = appTests(['session.access_lifetime=1s']);

  test('a token that the server finds expired is renewed, and the call repeated', async ({ context, page, server }) => {
    await page.clock.setFixedTime(Date.now()); // a device whose clock stands still believes in its token for ever
    await logIn(page, await newPerson(server));
    await sessionRows(page).first().waitFor();
    const calls = watchCalls(context, '/user');
    await until('the server refuses the token', async () => {
      await button(page, 'Call GET /user').click();
      await button(page, 'Call GET /user').and(page.locator(':not([aria-busy])')).waitFor();
      return calls.statuses.includes(401);
    });
    await page.getByLabel('Answer of the server').waitFor();
    assert.equal(calls.statuses.at(-1), 200);
    assert.equal(calls.statuses.filter((code) => code === 401).length, 1);
    assert.equal(path(page), '/app/home');
  });
});

describe('a session of four seconds', () => {
  const test = appTests([
    'session.access_lifetime=1s',
    'session.idle_lifetime=4s',
    'session.absolute_lifetime=4s',
    'session.refresh_grace=0',
  ]);

  test('ends in front of the open page, says so, and the next login works', async ({ page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app/login');
    await submitLogin(page, person);
    await status(page, 'You were signed out.').waitFor();
    await heading(page, 'Log in').waitFor();
    assert.deepEqual(await storedKeys(page), []);
    await submitLogin(page, person);
    await heading(page, `Hello, ${person.name}`).waitFor();
  });

  test('ends while the page is closed, and the same person can log in again', async ({ context, page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app/login');
    await submitLogin(page, person);
    await heading(page, `Hello, ${person.name}`).waitFor();
    const token = JSON.parse(await page.evaluate(() => localStorage.getItem('flutter._auth_refresh_token_')));
    const expiry = Number(await page.evaluate(() => localStorage.getItem('flutter._auth_token_expiration_')));
    await page.close();
    await until('the session ends', () => Date.now() > expiry + 1000); // ends are in whole seconds
    assert.equal((await callApi(server, '/refresh', { body: { refresh_token: token } })).status, 400);
    const later = await context.newPage();
    await later.goto('/app/account');
    await heading(later, 'Log in').waitFor();
    await submitLogin(later, person);
    await heading(later, 'Account').waitFor();
  });
});

describe('the end of a session', () => {
  const test = appTests();

  test('in another tab ends it in this one, and says so', async ({ context, page, server }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    const other = await context.newPage();
    await other.goto('/app/account');
    await heading(other, 'Account').waitFor();
    await button(page, 'Log out here').click();
    await heading(page, 'Log in').waitFor();
    await heading(other, 'Log in').waitFor();
    await status(other, 'You were signed out in another tab.').waitFor();
    await other.goto('/app/home');
    await heading(other, 'Log in').waitFor();
    assert.deepEqual(await storedKeys(other), []);
  });

  test('leaves no protected page in the history of the tab', async ({ page, server }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    await page.getByRole('link', { name: 'Account' }).first().click();
    await heading(page, 'Account').waitFor();
    await page.goBack();
    await button(page, 'Log out here').click();
    await heading(page, 'Log in').waitFor();
    await page.goForward();
    await heading(page, 'Log in').waitFor();
    assert.equal(path(page), '/app/login');
    assert.equal(await page.getByText(person.email).count(), 0);
  });

  test('leaves nothing for the next person on the same device', async ({ page, server }) => {
    const first = await newPerson(server, { name: 'Ada Lovelace' });
    const second = await newPerson(server, { name: 'Grace Hopper' });
    await logIn(page, first);
    await button(page, 'Call GET /user').click();
    await page.getByLabel('Answer of the server').waitFor();
    await button(page, 'Log out here').click();
    await heading(page, 'Log in').waitFor();
    await submitLogin(page, second);
    await heading(page, `Hello, ${second.name}`).waitFor();
    await sessionRows(page).first().waitFor();
    const shown = await page.locator('main').textContent();
    assert.ok(shown.includes(second.email));
    assert.ok(!shown.includes(first.email) && !shown.includes(first.name), shown);
  });

  test('of another device: after a question it is gone from the list and refused', async ({ page, server }) => {
    const person = await newPerson(server); // which leaves a session of this program
    await logIn(page, person);
    await sessionRows(page).nth(1).waitFor();
    await button(page, 'End session: node').click();
    const dialog = page.getByRole('dialog', { name: 'End this session?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await button(page, 'End session: node').click();
    await dialog.getByRole('button', { name: 'End session' }).click();
    await status(page, 'The session was ended.').waitFor();
    await page.getByText('This is the only place where you are signed in.').waitFor();
    assert.equal(await sessionRows(page).count(), 1);
    const { status: code } = await callApi(server, '/user', { method: 'GET', token: person.session.access_token });
    assert.equal(code, 401);
  });

  test('everywhere: after a question all are over', async ({ page, server }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    await button(page, 'Log out everywhere').click();
    const dialog = page.getByRole('dialog', { name: 'Log out everywhere?' });
    await dialog.getByRole('button', { name: 'Log out everywhere' }).click();
    await status(page, 'You are logged out everywhere.').waitFor();
    await heading(page, 'Log in').waitFor();
    const { status: code } = await callApi(server, '/user', { method: 'GET', token: person.session.access_token });
    assert.equal(code, 401);
  });

  test('everywhere else: this one goes on', async ({ page, server }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    await page.goto('/app/account');
    await button(page, 'End all other sessions').click();
    const dialog = page.getByRole('dialog', { name: 'End all other sessions?' });
    await dialog.getByRole('button', { name: 'End other sessions' }).click();
    await status(page, 'Your other sessions were ended.').waitFor();
    const { status: code } = await callApi(server, '/user', { method: 'GET', token: person.session.access_token });
    assert.equal(code, 401);
    await page.goto('/app/home');
    await sessionRows(page).first().waitFor();
    assert.equal(await sessionRows(page).count(), 1);
  });

  test('by another device is noticed at the next call, and said', async ({ page, server }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    await sessionRows(page).first().waitFor();
    const { access_token: token } = person.session;
    assert.equal((await callApi(server, '/logout?scope=others', { token })).status, 204);
    await button(page, 'Call GET /user').click();
    await status(page, 'You were signed out.').waitFor();
    await heading(page, 'Log in').waitFor();
  });
});
