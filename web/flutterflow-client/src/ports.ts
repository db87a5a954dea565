// What the client needs from outside: storage, time, fetch, timers, locks, news from other tabs. All injected.

/** The part of the browser's Storage that is used. */
export interface StoragePort {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Milliseconds since 1970, as Date.now() gives them. */
export interface Clock {
  now(): number;
}

export type FetchPort = (input: string, init: RequestInit) => Promise<Response>;

export interface TimersPort {
  /** Runs `action` once after `milliseconds`; the answer cancels it. */
  after(milliseconds: number, action: () => void): () => void;
}

/** One holder at a time, over all tabs: navigator.locks, or inside this tab only where that is missing. */
export interface LocksPort {
  exclusively<T>(name: string, action: () => Promise<T>): Promise<T>;
}

/** Tells that another tab changed what is stored. `key` is null when everything was cleared. */
export interface StorageEventsPort {
  subscribe(listener: (key: string | null) => void): () => void;
}

/** Storage that lasts as long as this object. */
export class MemoryStorage implements StoragePort {
  readonly #items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }
  removeItem(key: string): void {
    this.#items.delete(key);
  }
  /** Everything stored, for a look at it. */
  entries(): Record<string, string> {
    return Object.fromEntries(this.#items);
  }
}

/** A clock that real time moves, and that can be moved on by hand. */
export class ShiftedClock implements Clock {
  readonly #base: Clock;
  #shift = 0;

  constructor(base: Clock = systemClock) {
    this.#base = base;
  }
  now(): number {
    return this.#base.now() + this.#shift;
  }
  advance(milliseconds: number): void {
    this.#shift += milliseconds;
  }
  /** How far it runs ahead of the clock below it, in milliseconds. */
  get shift(): number {
    return this.#shift;
  }
}

export const systemClock: Clock = { now: () => Date.now() };

export const systemTimers: TimersPort = {
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** One at a time within this page. */
export class LocalLocks implements LocksPort {
  readonly #tails = new Map<string, Promise<unknown>>();

  exclusively<T>(name: string, action: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name) ?? Promise.resolve();
    const result = before.then(action, action);
    this.#tails.set(
      name,
      result.catch(() => undefined),
    );
    return result;
  }
}

/** All that the recommended wiring needs of its surroundings. */
export interface SessionPorts {
  storage: StoragePort;
  clock: Clock;
  fetch: FetchPort;
  timers: TimersPort;
  locks: LocksPort;
  storageEvents: StorageEventsPort;
}

/** What a browser offers; what is missing there (no storage in some private modes, no locks over http) is replaced. */
export function browserPorts(): SessionPorts {
  return {
    storage: browserStorage(),
    clock: systemClock,
    fetch: browserFetch,
    timers: systemTimers,
    locks: browserLocks(),
    storageEvents: {
      subscribe(listener) {
        if (typeof window === 'undefined') return () => undefined;
        const onStorage = (event: StorageEvent): void => {
          listener(event.key);
        };
        window.addEventListener('storage', onStorage);
        return () => {
          window.removeEventListener('storage', onStorage);
        };
      },
    },
  };
}

const browserFetch: FetchPort = (input, init) => globalThis.fetch(input, init);

function browserStorage(): StoragePort {
  try {
    const storage = globalThis.localStorage;
    const probe = 'latchkey.probe';
    storage.setItem(probe, '1');
    storage.removeItem(probe);
    return storage;
  } catch {
    return new MemoryStorage();
  }
}

function browserLocks(): LocksPort {
  const manager = typeof navigator === 'undefined' ? undefined : (navigator.locks as LockManager | undefined);
  if (manager === undefined) return new LocalLocks();
  return {
    async exclusively<T>(name: string, action: () => Promise<T>): Promise<T> {
      return manager.request(name, action);
    },
  };
}
