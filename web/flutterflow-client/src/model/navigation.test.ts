import { beforeEach, describe, expect, it } from 'vitest';

import { FlutterFlowApp } from './app.ts';
import { AppStateNotifier } from './app_state_notifier.ts';
import { MemoryStorage } from '../ports.ts';
import { ManualTime } from '../testing/ports.ts';
import type { AfterLogIn, AppOptions } from './app.ts';
import type { AuthUser } from './auth_manager.ts';

const kHour = 3_600_000;
let storage: MemoryStorage;
let time: ManualTime;

beforeEach(() => {
  storage = new MemoryStorage();
  time = new ManualTime();
});

function start(location = '/', changes: Partial<AppOptions> = {}): FlutterFlowApp {
  const app = new FlutterFlowApp({
    storage,
    clock: time,
    entryPage: 'Login',
    loggedInPage: 'Home',
    routes: [
      { name: 'Login', path: '/login' },
      { name: 'Home', path: '/home' },
      { name: 'Help', path: '/help' },
      { name: 'Account', path: '/account', requireAuth: true },
      { name: 'Item', path: '/item/:id', requireAuth: true },
    ],
    ...changes,
  });
  app.start(location);
  return app;
}

const user = (uid: string | null, expiresIn = kHour) => ({
  authenticationToken: 'eyJ',
  tokenExpiration: new Date(time.now() + expiresIn),
  authUid: uid,
});
const where = (app: FlutterFlowApp) => {
  const { location, page, storedLocation } = app.router.getSnapshot();
  return [location, page, storedLocation];
};

describe('the notifier', () => {
  const somebody = (uid: string | null): AuthUser => ({ loggedIn: true, uid, userData: null });

  it.each([
    [null, 'u1', true],
    ['u1', null, true],
    [null, null, true],
    ['u1', 'u2', true],
    ['u1', 'u1', false],
  ])('uid %s → %s: notifies %s', (before, after, notifies) => {
    const notifier = new AppStateNotifier();
    notifier.update(somebody(before));
    let count = 0;
    notifier.listen(() => ++count);
    notifier.update(somebody(after));
    expect(count).toBe(notifies ? 1 : 0);
  });

  it('looks at the uid only: the same uid logging in is no change', () => {
    const notifier = new AppStateNotifier();
    notifier.update({ loggedIn: false, uid: 'u1', userData: null });
    let count = 0;
    notifier.listen(() => ++count);
    notifier.update(somebody('u1'));
    expect([count, notifier.loggedIn]).toEqual([0, true]);
  });

  it('is silent once after prepareAuthEvent, and un-mutes itself', () => {
    const notifier = new AppStateNotifier();
    let count = 0;
    notifier.listen(() => ++count);
    notifier.prepareAuthEvent();
    expect(notifier.muted).toBe(true);
    notifier.update(somebody('u1'));
    expect([count, notifier.muted]).toEqual([0, false]);
    notifier.update(somebody('u2'));
    expect(count).toBe(1);
  });

  it('un-mutes with an update that would not have notified as well', () => {
    const notifier = new AppStateNotifier();
    notifier.update(somebody('u1'));
    notifier.prepareAuthEvent();
    notifier.update(somebody('u1'));
    expect(notifier.muted).toBe(false);
  });

  it('is not muted while a location is stored, unless that is ignored', () => {
    const notifier = new AppStateNotifier();
    notifier.storeLocationIfUnset('/account');
    notifier.prepareAuthEvent();
    expect(notifier.muted).toBe(false);
    notifier.prepareAuthEvent(true);
    expect(notifier.muted).toBe(true);
  });

  it('keeps the first stored location', () => {
    const notifier = new AppStateNotifier();
    notifier.storeLocationIfUnset('/account');
    notifier.storeLocationIfUnset('/item/1');
    expect(notifier.storedLocation).toBe('/account');
  });
});

describe('"/" and unknown addresses', () => {
  it.each(['/', '/nowhere'])('%s shows the entry page or the logged-in page', (location) => {
    const app = start(location);
    expect(where(app)).toEqual([location, 'Login', null]);
    app.auth.signIn(user('u1'));
    expect(where(app)).toEqual([location, 'Home', null]);
    expect(where(start(location))).toEqual([location, 'Home', null]);
  });

  it('shows NavBarPage around the pages of a navigation bar', () => {
    const app = start('/', { navBarPages: ['Home'] });
    expect(app.router.getSnapshot().frame).toBeNull();
    app.logIn(user('u1'));
    expect(app.router.getSnapshot()).toMatchObject({ page: 'Home', frame: 'NavBarPage' });
  });
});

describe('nested routes', () => {
  it('lie above "/", flat ones alone', () => {
    expect(start('/help').router.pages).toEqual(['Help']);
    const app = start('/help', { nested: true });
    expect(app.router.pages).toEqual(['Login', 'Help']);
    app.router.safePop();
    expect(where(app)).toEqual(['/', 'Login', null]);
  });

  it('lead to "/" from a flat page that has nothing below it', () => {
    const app = start('/help');
    app.router.safePop();
    expect(where(app)).toEqual(['/', 'Login', null]);
  });
});

describe('a page that requires a login', () => {
  it('stores its address and leads to the path of the entry page', () => {
    expect(where(start('/item/7?tab=a'))).toEqual(['/login', 'Login', '/item/7?tab=a']);
  });

  it('is shown after the login', () => {
    const app = start('/item/7?tab=a');
    app.logIn(user('u1'));
    expect(where(app)).toEqual(['/item/7?tab=a', 'Item', null]);
  });

  it('is shown at once to those who are logged in', () => {
    start().logIn(user('u1'));
    expect(where(start('/account'))).toEqual(['/account', 'Account', null]);
  });

  it('is left when somebody signs out', () => {
    const app = start();
    app.logIn(user('u1'));
    app.router.pushNamed('Account');
    app.auth.signOut();
    expect(where(app)).toEqual(['/login', 'Login', '/account']);
  });

  it('is not left because time passed', () => {
    const app = start();
    app.logIn(user('u1'));
    app.router.goNamed('Account');
    time.advance(48 * kHour);
    app.router.goNamed('Item', { pathParameters: { id: '9' } });
    expect(where(app)).toEqual(['/item/9', 'Item', null]);
  });

  it('is only what is marked as such: other pages open without a login', () => {
    expect(where(start('/home'))).toEqual(['/home', 'Home', null]);
  });
});

describe('goNamedAuth and pushNamedAuth', () => {
  it.each(['goNamedAuth', 'pushNamedAuth'] as const)('%s does nothing when the page is gone', (go) => {
    const app = start('/login');
    app.router[go]('Help', false);
    expect(where(app)).toEqual(['/login', 'Login', null]);
    app.router[go]('Help', true);
    expect(where(app)).toEqual(['/help', 'Help', null]);
  });

  it.each(['goNamedAuth', 'pushNamedAuth'] as const)('%s does nothing while a location is stored', (go) => {
    const app = start('/account');
    app.router[go]('Help', true);
    expect(where(app)).toEqual(['/login', 'Login', '/account']);
    app.router[go]('Help', true, { ignoreRedirect: true });
    expect(where(app)).toEqual(['/help', 'Help', '/account']);
  });

  it('put a page on top, or in the place of all', () => {
    const app = start('/login');
    app.router.pushNamedAuth('Help', true);
    expect(app.router.pages).toEqual(['Login', 'Help']);
    app.router.goNamedAuth('Home', true);
    expect(app.router.pages).toEqual(['Home']);
  });

  it('know a page as mounted until another has taken its place', () => {
    const app = start('/login');
    const login = app.router.context();
    app.router.pushNamed('Help');
    expect(login.mounted).toBe(true);
    app.router.goNamed('Home');
    expect(login.mounted).toBe(false);
  });
});

describe('Log in', () => {
  it('leads to the logged-in page with automatic navigation', () => {
    const app = start('/login');
    app.logIn(user('u1'));
    expect(where(app)).toEqual(['/home', 'Home', null]);
  });

  it('stays with automatic navigation off, at "/" too, until the next start', () => {
    const app = start('/');
    app.logIn(user('u1'), 'nothing');
    expect([...where(app), app.notifier.loggedIn]).toEqual(['/', 'Login', null, true]);
    expect(where(start('/'))).toEqual(['/', 'Home', null]);
  });

  it.each(['goNamedAuth', 'pushNamedAuth'] as const)('is followed by what the builder added: %s', (navigate) => {
    const app = start('/login');
    app.logIn(user('u1'), { navigate, page: 'Help' });
    expect(app.router.pages).toEqual(navigate === 'goNamedAuth' ? ['Help'] : ['Login', 'Help']);
  });

  it('mutes, so that the actions behind it run on a page that is still there', () => {
    const app = start('/');
    const context = app.router.context();
    app.logIn(user('u1'), 'nothing');
    expect(context.mounted).toBe(true);
  });

  it('does not mute while a location is stored: the actions behind it are lost', () => {
    const app = start('/account');
    const context = app.router.context();
    app.logIn(user('u1'), 'nothing');
    expect(context.mounted).toBe(false);
    app.router.goNamedAuth('Help', context.mounted);
    expect(where(app)).toEqual(['/account', 'Account', null]);
  });
});

describe('Log Out', () => {
  it('mutes, signs out, forgets the stored location and shows the entry page', () => {
    const app = start();
    app.logIn(user('u1'));
    app.router.goNamed('Account');
    const pages: string[] = [];
    app.router.onPageLoad((context) => pages.push(context.page));
    app.logOut();
    expect(where(app)).toEqual(['/login', 'Login', null]);
    expect(pages).toEqual(['Login']);
    expect(app.notifier.muted).toBe(false);
  });

  it('forgets a location that was stored before', () => {
    const app = start('/account');
    app.logOut();
    expect(where(app)).toEqual(['/login', 'Login', null]);
  });
});

describe('listeners', () => {
  it('hear changes only, and the state stays the same object meanwhile', () => {
    const app = start('/login');
    const before = app.router.getSnapshot();
    let count = 0;
    app.router.listen(() => ++count);
    app.router.open('/login');
    expect([count, app.router.getSnapshot() === before]).toEqual([0, true]);
    app.router.open('/account');
    expect([count, app.router.getSnapshot().storedLocation]).toEqual([1, '/account']);
  });

  it('hear of a page once it is there, also when its On Page Load navigates', () => {
    const app = start('/help');
    const seen: string[] = [];
    app.router.onPageLoad((context) => {
      seen.push(context.page);
      if (context.page === 'Home') app.router.goNamedAuth('Login', context.mounted);
    });
    app.router.goNamed('Home');
    expect(seen).toEqual(['Home', 'Login']);
  });

  it('need an entry page and a logged-in page that exist', () => {
    expect(() => start('/', { entryPage: 'Nowhere' })).toThrow('There is no page named Nowhere.');
  });
});

describe('consequence 1: a stored location goes before the logged-in page', () => {
  it.each<AfterLogIn>([
    'automatic',
    'nothing',
    { navigate: 'goNamedAuth', page: 'Help' },
    { navigate: 'goNamedAuth', page: 'Help', ignoreRedirect: true },
  ])('after: %j', (after) => {
    const app = start('/account');
    app.logIn(user('u1'), after);
    expect(where(app)).toEqual(['/account', 'Account', null]);
  });

  it('is cured by Log Out when the entry page opens, which also gives up deep links', () => {
    const app = start('/account');
    app.logOut();
    app.logIn(user('u1'));
    expect(where(app)).toEqual(['/home', 'Home', null]);
  });
});

describe('consequence 2: stuck on the login page', () => {
  // The session ends while the app is closed, or the page is reloaded after it.
  const afterExpiry = (location: string): FlutterFlowApp => {
    start().logIn(user('u1'));
    time.advance(2 * kHour);
    return start(location);
  };
  // A login whose token came from a path that is not there, read by a typed getter: uid stored, token not.
  const withoutToken = (location: string): FlutterFlowApp => {
    start().logIn({ authUid: 'u1' });
    return start(location);
  };

  describe.each([
    ['expired session', afterExpiry],
    ['uid stored without a token', withoutToken],
  ])('%s', (_, prepare) => {
    it.each<AfterLogIn>([
      'automatic',
      { navigate: 'goNamedAuth', page: 'Home' },
      { navigate: 'pushNamedAuth', page: 'Home' },
    ])('logging in as the same person changes nothing on the screen; after: %j', (after) => {
      const app = prepare('/account');
      app.logIn(user('u1'), after);
      expect(app.notifier.loggedIn).toBe(true);
      expect(where(app)).toEqual(['/login', 'Login', '/account']);
      app.logIn(user('u1'), after);
      expect(where(app)).toEqual(['/login', 'Login', '/account']);
    });

    it('with ignoreRedirect the navigation goes through, to the stored location', () => {
      const app = prepare('/account');
      app.logIn(user('u1'), { navigate: 'goNamedAuth', page: 'Home', ignoreRedirect: true });
      expect(where(app)).toEqual(['/account', 'Account', null]);
    });

    it('another person is not stuck', () => {
      const app = prepare('/account');
      app.logIn(user('u2'));
      expect(where(app)).toEqual(['/account', 'Account', null]);
    });

    it.each(['/', '/login'])('without a page that requires a login nobody is stuck: %s', (location) => {
      const app = prepare(location);
      app.logIn(user('u1'));
      expect(where(app)).toEqual(['/home', 'Home', null]);
    });

    it('a restart at "/" leads out, a reload of the login page shows it once more, and then the login works', () => {
      const app = prepare('/account');
      app.logIn(user('u1'));
      expect(where(start('/'))).toEqual(['/', 'Home', null]);
      const reloaded = start('/login');
      expect([...where(reloaded), reloaded.notifier.loggedIn]).toEqual(['/login', 'Login', null, true]);
      reloaded.logIn(user('u1'));
      expect(where(reloaded)).toEqual(['/home', 'Home', null]);
    });

    it('Log Out when the entry page opens logged out cures it, and the login leads to the logged-in page', () => {
      const app = prepare('/account');
      app.logOut();
      app.logIn(user('u1'));
      expect(where(app)).toEqual(['/home', 'Home', null]);
    });

    it('signOut alone cures it too, and the login leads to the page that was asked for', () => {
      const app = prepare('/account');
      app.auth.signOut();
      app.logIn(user('u1'));
      expect(where(app)).toEqual(['/account', 'Account', null]);
    });
  });

  it('does not arise without a uid', () => {
    start().logIn(user(null));
    time.advance(2 * kHour);
    const app = start('/account');
    app.logIn(user(null));
    expect(where(app)).toEqual(['/account', 'Account', null]);
  });

  it('does not arise when the end of the session is mapped', () => {
    start().logIn(user('u1', 30 * 24 * kHour));
    time.advance(2 * kHour);
    expect(where(start('/account'))).toEqual(['/account', 'Account', null]);
  });
});

describe('consequence 3: without a uid every update redraws the app', () => {
  it('and the actions behind Update Authenticated User are lost', () => {
    const app = start('/');
    const context = app.router.context();
    app.logIn(user(null), 'nothing');
    app.updateAuthenticatedUser(user(null));
    expect(context.mounted).toBe(false);
    app.router.goNamedAuth('Help', context.mounted);
    expect(where(app)).toEqual(['/', 'Home', null]);
  });

  it('with a uid they run', () => {
    const app = start('/');
    const context = app.router.context();
    app.logIn(user('u1'), 'nothing');
    app.updateAuthenticatedUser(user('u1'));
    app.router.goNamedAuth('Help', context.mounted);
    expect(where(app)).toEqual(['/help', 'Help', null]);
  });
});
