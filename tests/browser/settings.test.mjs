// The settings of [app], as people notice them.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { appTests } from './support/app.mjs';
import { PASSWORD, button, field, heading, newEmail, newPerson, submitLogin } from './support/people.mjs';

describe('app.navigation=manual', () => {
  const test = appTests(['app.navigation=manual']);

  test('stays on the login page after the login and offers the way on', async ({ page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app/login');
    await submitLogin(page, person);
    await heading(page, 'You are signed in').waitFor();
    assert.equal(new URL(page.url()).pathname, '/app/login');
    await page.getByRole('link', { name: 'Continue to Home' }).click();
    await heading(page, `Hello, ${person.name}`).waitFor();
  });

  test('leads to the protected page that was asked for all the same', async ({ page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app/account');
    await submitLogin(page, person);
    await heading(page, 'Account').waitFor();
    assert.equal(new URL(page.url()).pathname, '/app/account');
  });

  test('stays on the sign-up page after the sign-up and offers the way on', async ({ page }) => {
    await page.goto('/app/signup');
    await field(page, 'Email').fill(newEmail());
    await field(page, 'Name').fill('Ada Lovelace');
    await field(page, 'Password').fill(PASSWORD);
    await button(page, 'Create account').click();
    await heading(page, 'You are signed in').waitFor();
    assert.equal(new URL(page.url()).pathname, '/app/signup');
    await page.getByRole('link', { name: 'Continue to Home' }).click();
    await heading(page, 'Hello, Ada Lovelace').waitFor();
  });
});

describe('app.persist=false', () => {
  const test = appTests(['app.persist=false']);

  test('keeps nobody signed in over a reload, and stores nothing', async ({ page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app');
    await submitLogin(page, person);
    await heading(page, `Hello, ${person.name}`).waitFor();
    assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((key) => /_auth_/.test(key))), []);
    await page.reload();
    await heading(page, 'Log in').waitFor();
  });
});

describe('other pages and another title', () => {
  const test = appTests(['app.entry_page=signup', 'app.logged_in_page=account', 'app.title=Ferry & “Söhne” <1>']);

  test('are what the app starts with, leads to and is called', async ({ page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app');
    await heading(page, 'Create your account').waitFor();
    await page.getByRole('link', { name: 'Ferry & “Söhne” <1>' }).waitFor();
    assert.equal(await page.title(), 'Create your account · Ferry & “Söhne” <1>');
    await page.getByRole('link', { name: 'Log in' }).click();
    await submitLogin(page, person);
    await heading(page, 'Account').waitFor();
    assert.equal(new URL(page.url()).pathname, '/app/account');
  });
});

describe('addresses', () => {
  const test = appTests();

  test('an address that is no page of the app says so and leads to the start', async ({ page }) => {
    await page.goto('/app/nowhere');
    await heading(page, 'Nothing here').waitFor();
    await page.getByRole('link', { name: 'Go to the start' }).click();
    await heading(page, 'Log in').waitFor();
  });

  test('the root of the server leads to the app', async ({ page }) => {
    await page.goto('/');
    await heading(page, 'Log in').waitFor();
    assert.equal(new URL(page.url()).pathname, '/app/login');
  });
});
