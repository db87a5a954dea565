// The watch that every test here relies on: a visit fails on what the browser complains about, and on nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startServer } from './support/app.mjs';
import { launchBrowser, visit } from './support/browser.mjs';
import { failure, submitLogin } from './support/people.mjs';

describe('a visit', () => {
  let server;
  let browser;
  before(async () => {
    [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  const COMPLAINTS = {
    'a style that the content security policy forbids': [
      () => document.head.append(Object.assign(document.createElement('style'), { textContent: 'a { color: red }' })),
      /console: .*Content Security Policy.*style-src/,
    ],
    'a script that the content security policy forbids': [
      () => document.head.append(Object.assign(document.createElement('script'), { textContent: 'void 0' })),
      /console: .*Content Security Policy.*script-src/,
    ],
    'an error in the console': [() => console.error('of the app'), /console: of the app/],
    'an exception that nobody catches': [() => setTimeout(() => document.nowhere.at(0)), /not caught: TypeError/],
  };

  for (const [what, [misbehave, complaint]] of Object.entries(COMPLAINTS)) {
    it(`fails on ${what}`, async () => {
      const going = visit(browser, server.url, {}, async ({ context, page }) => {
        await page.goto('/app/login');
        const seen = new Promise((resolve) => {
          context.on('console', resolve);
          context.on('weberror', resolve);
        });
        await page.evaluate(misbehave);
        await seen;
      });
      await assert.rejects(going, complaint);
    });
  }

  it('does not fail on a call that the server refuses', async () => {
    await visit(browser, server.url, {}, async ({ page }) => {
      await page.goto('/app/login');
      await submitLogin(page, { email: 'nobody@example.com', password: 'not this one' });
      await failure(page, 'Invalid login credentials').waitFor();
    });
  });
});
