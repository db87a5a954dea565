// The contract and lab tests of web/flutterflow-client, against a running server instead of the one in memory.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from './support/app.mjs';

const CLIENT = path.join(import.meta.dirname, '../../web/flutterflow-client');
const VITEST = path.join(import.meta.dirname, '../../web/node_modules/vitest/vitest.mjs');

it('the client model and the server agree', { timeout: 180_000 }, async () => {
  const server = await startServer();
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [VITEST, 'run', 'src/lab', 'src/testing'], {
      cwd: CLIENT,
      env: { ...process.env, LATCHKEY_URL: `${server.url}/auth/v1`, NO_COLOR: '1' },
    }).catch((error) => assert.fail(`${error.stdout}${error.stderr}`));
    assert.match(stdout, /Tests +\d+ passed \(\d+\)/);
  } finally {
    await server.stop();
  }
});
