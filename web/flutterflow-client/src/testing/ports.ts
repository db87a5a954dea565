// Ports for tests: time, timers and other tabs that stand still until the test moves them.

import { LocalLocks, MemoryStorage } from '../ports.ts';
import type { Clock, FetchPort, LocksPort, StorageEventsPort, StoragePort, TimersPort } from '../ports.ts';

/** Time and timers that the test moves. */
export class ManualTime implements Clock, TimersPort {
  #now: number;
  #next = 1;
  readonly #timers = new Map<number, { at: number; action: () => void }>();

  constructor(now = Date.UTC(2026, 0, 15, 12)) {
    this.#now = now;
  }
  now(): number {
    return this.#now;
  }
  after(milliseconds: number, action: () => void): () => void {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#now + milliseconds, action });
    return () => {
      this.#timers.delete(id);
    };
  }
  /** Moves on and runs what is due, in its order. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.#now = due[1].at;
      due[1].action();
    }
    this.#now = end;
  }
  get waiting(): number {
    return this.#timers.size;
  }
}

/** One browser: storage and locks that its tabs share. */
export class FakeBrowser {
  readonly storage = new MemoryStorage();
  readonly locks = new LocalLocks();
  readonly #tabs: { storage: StoragePort; listeners: Set<(key: string | null) => void> }[] = [];

  /** The ports of a new tab. A tab hears what others store, never what it stores itself. */
  tab(time: ManualTime, fetch: FetchPort, locks: LocksPort = this.locks) {
    const listeners = new Set<(key: string | null) => void>();
    const tell = (key: string): void => {
      for (const tab of this.#tabs)
        if (tab.listeners !== listeners) for (const listener of tab.listeners) listener(key);
    };
    const storage: StoragePort = {
      getItem: (key) => this.storage.getItem(key),
      setItem: (key, value) => {
        const before = this.storage.getItem(key);
        this.storage.setItem(key, value);
        if (before !== value) tell(key);
      },
      removeItem: (key) => {
        if (this.storage.getItem(key) === null) return;
        this.storage.removeItem(key);
        tell(key);
      },
    };
    const storageEvents: StorageEventsPort = {
      subscribe(listener) {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
    };
    this.#tabs.push({ storage, listeners });
    return { storage, storageEvents, locks, clock: time, timers: time, fetch };
  }
}

/** A fetch that can be told to misbehave, and whose answers can be held back. */
export class SteeredFetch {
  readonly #real: FetchPort;
  #answer: ((path: string) => Response | Error | null) | null = null;
  #gate: Promise<void> | null = null;
  #open: () => void = () => undefined;
  #reached: () => void = () => undefined;

  constructor(real: FetchPort) {
    this.#real = real;
  }

  readonly fetch: FetchPort = async (input, init) => {
    const made = this.#answer?.(new URL(input).pathname.replace(/^.*\/auth\/v1/, '')) ?? null;
    if (made instanceof Error) throw made;
    const answer = made ?? (await this.#real(input, init));
    this.#reached();
    await this.#gate;
    return answer;
  };

  /** What is answered from now on instead of asking; null passes the call on. */
  answerWith(answer: (path: string) => Response | Error | null): void {
    this.#answer = answer;
  }
  behave(): void {
    this.#answer = null;
  }
  /** From now on answers wait; the promise is kept when the next one is waiting. */
  hold(): Promise<void> {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }
  release(): void {
    this.#gate = null;
    this.#open();
  }
}
