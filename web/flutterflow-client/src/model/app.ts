// The generated app as a whole: main(), and the three authentication actions as the builder emits them.

import { AppStateNotifier } from './app_state_notifier.ts';
import { AuthManager } from './auth_manager.ts';
import { FlutterFlowRouter } from './router.ts';
import type { AuthFields, AuthManagerOptions } from './auth_manager.ts';
import type { PageContext, RouterOptions } from './router.ts';

export type AppOptions = AuthManagerOptions & Omit<RouterOptions, 'notifier'>;

/** What follows a login: FlutterFlow's automatic navigation, nothing, or a Navigate action that the builder added. */
export type AfterLogIn =
  'automatic' | 'nothing' | { navigate: 'goNamedAuth' | 'pushNamedAuth'; page: string; ignoreRedirect?: boolean };

/** One start of the app. A restart is a new object on the same storage. */
export class FlutterFlowApp {
  readonly auth: AuthManager;
  readonly notifier = new AppStateNotifier();
  readonly router: FlutterFlowRouter;
  readonly #entryPage: string;
  readonly #loggedInPage: string;

  constructor(options: AppOptions) {
    this.auth = new AuthManager(options);
    this.router = new FlutterFlowRouter({ ...options, notifier: this.notifier });
    this.#entryPage = options.entryPage;
    this.#loggedInPage = options.loggedInPage;
  }

  /** main(): read what is stored, listen to the holder, show the first place. */
  start(location = '/'): void {
    this.auth.initialize();
    this.auth.listen((user) => this.notifier.update(user));
    this.router.open(location);
  }

  /** The action Log in. */
  logIn(fields: AuthFields, after: AfterLogIn = 'automatic', context: PageContext = this.router.context()): void {
    this.router.prepareAuthEvent();
    this.auth.signIn(fields);
    if (after === 'nothing') return;
    if (after === 'automatic') {
      this.router.goNamedAuth(this.#loggedInPage, context.mounted);
    } else {
      const options = { ignoreRedirect: after.ignoreRedirect ?? false };
      this.router[after.navigate](after.page, context.mounted, options);
    }
  }

  /** The action Update Authenticated User. */
  updateAuthenticatedUser(fields: AuthFields): void {
    this.auth.updateAuthUserData(fields);
  }

  /** The action Log Out. */
  logOut(context: PageContext = this.router.context()): void {
    this.router.prepareAuthEvent(true);
    this.auth.signOut();
    this.router.clearRedirectLocation();
    this.router.goNamedAuth(this.#entryPage, context.mounted);
  }
}
