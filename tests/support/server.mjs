// Starts the real binary on a free port with an empty data folder, and stops it again.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const START_SECONDS = 60;

export class Server {
  // Resolves once the server has printed its address. `settings` are `section.key=value` texts.
  static async start(binary, settings = ['rate_limit.enabled=false']) {
    const data = await mkdtemp(path.join(tmpdir(), 'latchkey-test-'));
    const sets = settings.flatMap((setting) => ['--set', setting]);
    const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', data, ...sets],
      { stdio: ['ignore', 'pipe', 'pipe'] });
    const server = new Server(binary, data, child);
    try {
      server.url = await server.#address();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  constructor(binary, data, child) {
    Object.assign(this, { binary, data, child, output: '', ended: once(child, 'exit') });
  }

  #address() {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no address after ${START_SECONDS} s:\n${this.output}`)),
        START_SECONDS * 1000);
      const done = (outcome) => { clearTimeout(late); outcome(); };
      const read = (chunk) => {
        this.output += chunk;
        const address = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(this.output);
        if (address) done(() => resolve(address[0]));
      };
      this.child.stdout.on('data', read);
      this.child.stderr.on('data', read);
      this.child.on('error', (error) => done(() => reject(error)));
      this.ended.then(([code]) => done(() => reject(new Error(`ended with ${code}:\n${this.output}`))));
    });
  }

  // Runs another command of the binary beside the server, on the same data.
  async command(...args) {
    const { stdout } = await promisify(execFile)(this.binary, [...args, '--data', this.data]);
    return stdout;
  }

  // Ends the server as an operator does; resolves to its exit status.
  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    const [code] = await this.ended;
    await rm(this.data, { recursive: true, force: true });
    return code;
  }
}
