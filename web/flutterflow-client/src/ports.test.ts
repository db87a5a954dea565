import { afterEach, describe, expect, it, vi } from 'vitest';

import { LocalLocks, MemoryStorage, ShiftedClock, browserPorts, systemTimers } from './ports.ts';
import { absoluteBaseUrl } from './base_url.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('locks within a page', () => {
  it('let one at a time in, in their order, also after one that failed', async () => {
    const locks = new LocalLocks();
    const seen: string[] = [];
    const enter = (name: string, fails: boolean) =>
      locks.exclusively('a', async () => {
        seen.push(`${name} in`);
        await Promise.resolve();
        seen.push(`${name} out`);
        if (fails) throw new Error(name);
        return name;
      });
    const results = await Promise.allSettled([enter('1', true), enter('2', false)]);
    expect(seen).toEqual(['1 in', '1 out', '2 in', '2 out']);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});

describe('a shifted clock', () => {
  it('runs ahead of the one below it', () => {
    const clock = new ShiftedClock({ now: () => 1_000 });
    clock.advance(500);
    clock.advance(250);
    expect([clock.now(), clock.shift]).toEqual([1_750, 750]);
  });
});

describe('the ports of a browser', () => {
  it('keep things in memory where there is no storage', () => {
    vi.stubGlobal('localStorage', {
      setItem: () => {
        throw new Error('denied');
      },
    });
    const { storage } = browserPorts();
    expect(storage).toBeInstanceOf(MemoryStorage);
  });

  it('use localStorage, navigator.locks and storage events where they are there', async () => {
    const stored = new MemoryStorage();
    const request = vi.fn((_: string, action: () => Promise<number>) => action());
    const target = new EventTarget();
    vi.stubGlobal('localStorage', stored);
    vi.stubGlobal('navigator', { locks: { request } });
    vi.stubGlobal('window', target);
    const ports = browserPorts();
    expect(ports.storage).toBe(stored);
    expect(stored.entries()).toEqual({});
    expect(await ports.locks.exclusively('n', () => Promise.resolve(7))).toBe(7);
    expect(request.mock.calls[0]?.[0]).toBe('n');
    const keys: (string | null)[] = [];
    const stop = ports.storageEvents.subscribe((key) => keys.push(key));
    target.dispatchEvent(Object.assign(new Event('storage'), { key: 'flutter.x' }));
    stop();
    target.dispatchEvent(Object.assign(new Event('storage'), { key: null }));
    expect(keys).toEqual(['flutter.x']);
  });

  it('have a lock where the browser offers none', () => {
    vi.stubGlobal('navigator', {});
    expect(browserPorts().locks).toBeInstanceOf(LocalLocks);
  });
});

it('a timer runs once, and not when cancelled', () => {
  vi.useFakeTimers();
  const action = vi.fn();
  systemTimers.after(100, action);
  systemTimers.after(100, action)();
  vi.advanceTimersByTime(1_000);
  expect(action).toHaveBeenCalledTimes(1);
});

it('a base URL is taken as it is, or below the page’s server', () => {
  expect(absoluteBaseUrl('https://auth.test/auth/v1//')).toBe('https://auth.test/auth/v1');
  expect(() => absoluteBaseUrl('/auth/v1')).toThrow('outside a browser');
  vi.stubGlobal('location', { href: 'https://app.test:8484/app/home' });
  expect(absoluteBaseUrl('/auth/v1')).toBe('https://app.test:8484/auth/v1');
});
