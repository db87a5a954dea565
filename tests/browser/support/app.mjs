// A running server with its app, for the tests of one `describe`.
import { after, before, it } from 'node:test';
import { Server } from '../../support/server.mjs';
import { launchBrowser, visit } from './browser.mjs';

const BINARY = process.env.LATCHKEY_BINARY;
const TEST_MILLISECONDS = 90_000;

// As in the tests in C++: hashes that cost nothing, and no limits on the one address that all tests come from.
const QUICK_SETTINGS = ['rate_limit.enabled=false', 'password.argon2_memory=64KiB', 'password.argon2_iterations=1'];

export function startServer(settings = []) {
  if (!BINARY) throw new Error('LATCHKEY_BINARY names the program to test, such as build/dev/latchkey');
  return Server.start(BINARY, [...QUICK_SETTINGS, ...settings]);
}

// Starts a server and a browser around the tests of this `describe`. The `test` it answers runs `body` with
// { page, context, server } on a fresh profile.
export function appTests(settings = []) {
  let server;
  let browser;
  before(async () => {
    [server, browser] = await Promise.all([startServer(settings), launchBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  return (name, body, options = {}) =>
    it(name, { timeout: TEST_MILLISECONDS }, () =>
      visit(browser, server.url, options, (visitor) => body({ ...visitor, server })),
    );
}
