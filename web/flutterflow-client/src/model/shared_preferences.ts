// SharedPreferences of Flutter as it is on the web: localStorage, keys with a prefix, values as JSON.

import type { StoragePort } from '../ports.ts';

export const kSharedPreferencesPrefix = 'flutter.';

export class SharedPreferences {
  readonly #storage: StoragePort;

  constructor(storage: StoragePort) {
    this.#storage = storage;
  }

  /** Throws a TypeError when something else than a text is stored there, as the cast in Dart does. */
  getString(key: string): string | null {
    const value = this.#read(key);
    if (value === null || typeof value === 'string') return value;
    throw new TypeError(`${key} does not hold a text`);
  }

  getInt(key: string): number | null {
    const value = this.#read(key);
    if (value === null) return null;
    if (typeof value === 'number' && Number.isInteger(value)) return value;
    throw new TypeError(`${key} does not hold a whole number`);
  }

  /** Writes the text in JSON quotes. */
  setString(key: string, value: string): void {
    this.#storage.setItem(kSharedPreferencesPrefix + key, JSON.stringify(value));
  }

  setInt(key: string, value: number): void {
    this.#storage.setItem(kSharedPreferencesPrefix + key, JSON.stringify(Math.trunc(value)));
  }

  remove(key: string): void {
    this.#storage.removeItem(kSharedPreferencesPrefix + key);
  }

  #read(key: string): unknown {
    const text = this.#storage.getItem(kSharedPreferencesPrefix + key);
    return text === null ? null : (JSON.parse(text) as unknown);
  }
}
