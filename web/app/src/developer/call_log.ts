// The API calls of this page, newest first, as the client recorded them: already redacted.
import type { ApiCallRecord } from '@latchkey/flutterflow-client';

const KEPT = 100;

export class CallLog {
  #records: readonly ApiCallRecord[] = [];
  readonly #listeners = new Set<() => void>();

  add(record: ApiCallRecord): void {
    this.#change([record, ...this.#records].slice(0, KEPT));
  }

  clear(): void {
    this.#change([]);
  }

  getSnapshot = (): readonly ApiCallRecord[] => this.#records;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #change(records: readonly ApiCallRecord[]): void {
    this.#records = records;
    for (const listener of this.#listeners) listener();
  }
}
