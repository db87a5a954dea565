// The developer drawer: every call with its answer, without secrets, and what the session holder has.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { appTests } from './support/app.mjs';
import { failure, heading, logIn, newPerson, submitLogin } from './support/people.mjs';

describe('the developer drawer', () => {
  const test = appTests();
  const drawerOf = (page) => page.getByRole('dialog', { name: 'Developer drawer' });

  test('opens with the keyboard, shows a refused call with hint and request id, and closes', async ({ page }) => {
    await page.goto('/app/login');
    await submitLogin(page, { email: 'ada@example.com', password: 'secret-of-ada-"\\' });
    await failure(page, 'Invalid login credentials').waitFor();
    await page.keyboard.press('Control+.');
    const entry = drawerOf(page).getByRole('list', { name: 'API calls' }).getByRole('listitem').first();
    await entry.locator('summary').click();
    const text = await entry.textContent();
    assert.match(text, /400POST \/auth\/v1\/login/);
    assert.match(text, /Hint The identifier and the password do not match an account/);
    assert.match(text, /invalid_credentials/);
    assert.match(text, /Request id/);
    assert.ok(!text.includes('secret-of-ada'), text);
    await page.keyboard.press('Escape');
    await drawerOf(page).waitFor({ state: 'detached' });
  });

  test('shows what is held, with tokens shortened until they are asked for', async ({ page, server }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    const token = JSON.parse(await page.evaluate(() => localStorage.getItem('flutter._auth_refresh_token_')));
    await page.keyboard.press('Control+.');
    await drawerOf(page).getByRole('tab', { name: 'What is stored' }).click();
    await drawerOf(page).getByText('flutter._auth_refresh_token_').waitFor();
    const held = await drawerOf(page).textContent();
    assert.match(held, new RegExp(person.session.uid));
    assert.ok(!held.includes(token));
    await drawerOf(page).getByRole('button', { name: 'Show tokens in full' }).click();
    await drawerOf(page).getByText(token).first().waitFor();
  });

  test('never shows a token in the list of calls', async ({ page, server }) => {
    await logIn(page, await newPerson(server));
    await page.getByRole('list', { name: 'Sessions' }).waitFor();
    await page
      .getByRole('contentinfo')
      .getByRole('button', { name: /Developer drawer/ })
      .click();
    await drawerOf(page).getByRole('list', { name: 'API calls' }).waitFor();
    const secrets = await page.evaluate(() =>
      ['authentication_token_', 'refresh_token_'].map((name) =>
        JSON.parse(localStorage.getItem(`flutter._auth_${name}`)),
      ),
    );
    const text = await drawerOf(page).textContent();
    assert.match(text, /\/sessions/);
    for (const secret of secrets) assert.ok(!text.includes(secret));
    await heading(page, /Hello/).waitFor();
  });
});
