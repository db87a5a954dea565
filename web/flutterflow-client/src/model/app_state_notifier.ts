// What tells the router that somebody signed in or out (AppStateNotifier in lib/flutter_flow/nav/nav.dart).

import type { AuthUser } from './auth_manager.ts';

export class AppStateNotifier {
  readonly #listeners = new Set<() => void>();
  #user: AuthUser | null = null;
  #storedLocation: string | null = null;
  #notifyOnAuthChange = true;

  get user(): AuthUser | null {
    return this.#user;
  }
  get loggedIn(): boolean {
    return this.#user?.loggedIn ?? false;
  }
  get storedLocation(): string | null {
    return this.#storedLocation;
  }
  get muted(): boolean {
    return !this.#notifyOnAuthChange;
  }
  /** True when the next navigation goes to the stored location, wherever it was meant to go. */
  get shouldRedirect(): boolean {
    return this.loggedIn && this.#storedLocation !== null;
  }

  storeLocationIfUnset(location: string): void {
    this.#storedLocation ??= location;
  }
  clearRedirectLocation(): void {
    this.#storedLocation = null;
  }

  /** Mutes the next auth notification so that the rest of an action chain runs, unless a location is stored. */
  prepareAuthEvent(ignoreRedirect = false): void {
    if (this.#storedLocation !== null && !ignoreRedirect) return;
    this.#notifyOnAuthChange = false;
  }

  /** Called with every state of the session holder. */
  update(user: AuthUser): void {
    const before = this.#user?.uid ?? null;
    const changed = before === null || user.uid === null || before !== user.uid;
    this.#user = user;
    if (this.#notifyOnAuthChange && changed) {
      for (const listener of [...this.#listeners]) listener();
    }
    this.#notifyOnAuthChange = true;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
