// The navigation of the generated code (lib/flutter_flow/nav/nav.dart): which page a location shows, and who may go there.

import type { AppStateNotifier } from './app_state_notifier.ts';

export interface PageRoute {
  name: string;
  /** Such as "/home" or "/item/:id". */
  path: string;
  requireAuth?: boolean;
}

export interface RouterOptions {
  notifier: AppStateNotifier;
  routes: readonly PageRoute[];
  /** Shown at "/" to people who are logged out, and instead of pages that require a login. */
  entryPage: string;
  /** Shown at "/" to people who are logged in. */
  loggedInPage: string;
  /** All routes below "_initialize" with relative paths, a setting of newer projects: "/" lies under every page. */
  nested?: boolean;
  /** Pages of a navigation bar; they are shown inside NavBarPage. */
  navBarPages?: readonly string[];
}

export interface NavigationState {
  readonly location: string;
  readonly page: string;
  /** NavBarPage where the page is shown in a navigation bar. */
  readonly frame: 'NavBarPage' | null;
  /** Where a login leads, because a page that requires it was asked for. */
  readonly storedLocation: string | null;
}

export interface AuthNavigationOptions {
  ignoreRedirect?: boolean;
  pathParameters?: Record<string, string>;
  queryParameters?: Record<string, string>;
}

/** A page that runs actions. Not mounted any more once another page has taken its place. */
export interface PageContext {
  readonly page: string;
  readonly mounted: boolean;
}

interface ShownPage {
  readonly key: number;
  readonly location: string;
  readonly route: string;
  readonly page: string;
}

const kRootRoute = '_initialize';
const kErrorRoute = 'error';
const kRedirectLimit = 5;

export class FlutterFlowRouter {
  readonly #notifier: AppStateNotifier;
  readonly #routes: readonly PageRoute[];
  readonly #entryPage: string;
  readonly #loggedInPage: string;
  readonly #nested: boolean;
  readonly #navBarPages: ReadonlySet<string>;
  readonly #listeners = new Set<(state: NavigationState) => void>();
  readonly #pageListeners = new Set<(context: PageContext) => void>();
  readonly #opened: ShownPage[] = [];
  #draining = false;
  #nextKey = 1;
  #stack: readonly ShownPage[] = [];
  #state: NavigationState = { location: '/', page: '', frame: null, storedLocation: null };

  constructor(options: RouterOptions) {
    this.#notifier = options.notifier;
    this.#routes = options.routes;
    this.#entryPage = options.entryPage;
    this.#loggedInPage = options.loggedInPage;
    this.#nested = options.nested ?? false;
    this.#navBarPages = new Set(options.navBarPages);
    for (const page of [options.entryPage, options.loggedInPage]) {
      if (!this.#routes.some((route) => route.name === page)) throw new Error(`There is no page named ${page}.`);
    }
    options.notifier.listen(() => this.#refresh());
  }

  /** What the address bar, a deep link or Back asks for. The answer may be another place. */
  open(location: string): NavigationState {
    this.#show(location, 'replace');
    return this.getSnapshot();
  }

  goNamed(name: string, options: AuthNavigationOptions = {}): void {
    this.#show(this.locationOf(name, options), 'replace');
  }

  pushNamed(name: string, options: AuthNavigationOptions = {}): void {
    this.#show(this.locationOf(name, options), 'push');
  }

  /** Does nothing when the page is gone, or when a location is stored and `ignoreRedirect` is not set. */
  goNamedAuth(name: string, mounted: boolean, options: AuthNavigationOptions = {}): void {
    if (this.#blocked(mounted, options)) return;
    this.goNamed(name, options);
  }

  pushNamedAuth(name: string, mounted: boolean, options: AuthNavigationOptions = {}): void {
    if (this.#blocked(mounted, options)) return;
    this.pushNamed(name, options);
  }

  /** Back to the page below; without one, to "/". */
  safePop(): void {
    if (this.#stack.length > 1) this.#set(this.#stack.slice(0, -1));
    else this.#show('/', 'replace');
  }

  prepareAuthEvent(ignoreRedirect = false): void {
    this.#notifier.prepareAuthEvent(ignoreRedirect);
    this.#publish();
  }

  clearRedirectLocation(): void {
    this.#notifier.clearRedirectLocation();
    this.#publish();
  }

  /** The page on top, as the one that runs actions now. */
  context(): PageContext {
    const shown = this.#stack.at(-1);
    const isMounted = (): boolean => shown !== undefined && this.#stack.some((page) => page.key === shown.key);
    return {
      page: shown?.page ?? '',
      get mounted() {
        return isMounted();
      },
    };
  }

  /** The pages on the stack, the lowest first. */
  get pages(): readonly string[] {
    return this.#stack.map((page) => page.page);
  }

  locationOf(name: string, options: AuthNavigationOptions = {}): string {
    const route = this.#routes.find((candidate) => candidate.name === name);
    if (route === undefined) throw new Error(`There is no page named ${name}.`);
    const path = route.path.replace(/:(\w+)/g, (_, parameter: string) =>
      encodeURIComponent(options.pathParameters?.[parameter] ?? ''),
    );
    const query = new URLSearchParams(options.queryParameters ?? {}).toString();
    return query === '' ? path : `${path}?${query}`;
  }

  /** Called after every change of place, page or stored location. */
  listen(listener: (state: NavigationState) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** FlutterFlow's On Page Load: called once for every page that comes on top anew. */
  onPageLoad(listener: (context: PageContext) => void): () => void {
    this.#pageListeners.add(listener);
    return () => {
      this.#pageListeners.delete(listener);
    };
  }

  /** The same object until something changes. */
  readonly getSnapshot = (): NavigationState => this.#state;

  #blocked(mounted: boolean, options: AuthNavigationOptions): boolean {
    return !mounted || (this.#notifier.storedLocation !== null && options.ignoreRedirect !== true);
  }

  // The notifier says that somebody signed in or out: the present place is looked at again.
  #refresh(): void {
    const top = this.#stack.at(-1);
    if (top === undefined) return;
    const target = this.#redirected(top.location);
    if (target !== top.location) this.#set(this.#stackFor(target));
    else this.#set(this.#stack.map((page) => this.#rebuilt(page)));
  }

  #show(location: string, how: 'replace' | 'push'): void {
    const target = this.#redirected(location);
    if (how === 'replace' || target !== location) this.#set(this.#stackFor(target));
    else this.#set([...this.#stack, this.#newPage(target)]);
  }

  #redirected(location: string): string {
    let target = location;
    for (let count = 0; count < kRedirectLimit; ++count) {
      const next = this.#redirect(target);
      if (next === null || next === target) return target;
      target = next;
    }
    return target;
  }

  // The redirect of every route in the generated code.
  #redirect(location: string): string | null {
    const stored = this.#notifier.storedLocation;
    const route = this.#match(location);
    if (route === kErrorRoute) return null;
    if (this.#notifier.shouldRedirect && stored !== null) {
      this.#notifier.clearRedirectLocation();
      return stored;
    }
    if (route !== kRootRoute && route.requireAuth === true && !this.#notifier.loggedIn) {
      this.#notifier.storeLocationIfUnset(location);
      return this.locationOf(this.#entryPage);
    }
    return null;
  }

  #stackFor(location: string): ShownPage[] {
    const below = this.#nested && pathOf(location) !== '/' ? ['/'] : [];
    return [...below, location].map((place, position) => {
      const before = this.#stack[position];
      const page = this.#newPage(place);
      // The same page at the same place stays as it is and keeps its state.
      const same =
        before?.route === page.route && before.page === page.page && pathOf(before.location) === pathOf(place);
      return same ? { ...before, location: place } : page;
    });
  }

  #newPage(location: string): ShownPage {
    const match = this.#match(location);
    const route = typeof match === 'string' ? match : match.name;
    return { key: this.#nextKey++, location, route, page: this.#pageOf(route) };
  }

  #rebuilt(page: ShownPage): ShownPage {
    return this.#pageOf(page.route) === page.page ? page : this.#newPage(page.location);
  }

  // "/" and the error page show one of two pages; all others are what they are named.
  #pageOf(route: string): string {
    if (route !== kRootRoute && route !== kErrorRoute) return route;
    return this.#notifier.loggedIn ? this.#loggedInPage : this.#entryPage;
  }

  #match(location: string): PageRoute | typeof kRootRoute | typeof kErrorRoute {
    const path = pathOf(location);
    const named = this.#routes.find((route) => matches(route.path, path));
    return named ?? (path === '/' ? kRootRoute : kErrorRoute);
  }

  #set(stack: readonly ShownPage[]): void {
    const before = this.#stack.at(-1);
    this.#stack = stack;
    const top = stack.at(-1);
    this.#publish();
    if (top !== undefined && top.key !== before?.key) this.#pageOpened(top);
  }

  #publish(): void {
    const top = this.#stack.at(-1);
    if (top === undefined) return;
    const next: NavigationState = {
      location: top.location,
      page: top.page,
      frame: this.#navBarPages.has(top.page) ? 'NavBarPage' : null,
      storedLocation: this.#notifier.storedLocation,
    };
    const now = this.#state;
    if (next.location === now.location && next.page === now.page && next.storedLocation === now.storedLocation) return;
    this.#state = next;
    for (const listener of [...this.#listeners]) listener(next);
  }

  // On Page Load runs after the page is there, so one that navigates waits for the navigation that opened it.
  #pageOpened(page: ShownPage): void {
    this.#opened.push(page);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#opened.shift(); next !== undefined; next = this.#opened.shift()) {
        if (this.#stack.at(-1)?.key !== next.key) continue;
        const context = this.context();
        for (const listener of [...this.#pageListeners]) listener(context);
      }
    } finally {
      this.#draining = false;
    }
  }
}

function pathOf(location: string): string {
  const path = location.split(/[?#]/, 1)[0] ?? '';
  return path.length > 1 ? path.replace(/\/+$/, '') : path === '' ? '/' : path;
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((segment, at) => (segment.startsWith(':') ? given[at] !== '' : segment === given[at]))
  );
}
