// Every page of the app in the state that is worth a look: for axe, and for the screenshots. Each view starts on a
// fresh profile; `show` leads there and ends when everything is to be seen.
import { button, failure, field, heading, logIn, newPerson, problemAt, status, submitLogin, until } from './people.mjs';

const person = (server) => newPerson(server, { name: 'Ada Lovelace' });
const LAB_CASE = 'only-token-updated';

async function showHome(page, server) {
  await logIn(page, await person(server));
  await page.getByRole('list', { name: 'Sessions' }).getByRole('listitem').first().waitFor();
}

async function openDrawer(page) {
  await page.getByRole('banner').getByRole('button', { name: 'Developer drawer' }).click();
  const drawer = page.getByRole('dialog', { name: 'Developer drawer' });
  await drawer.waitFor();
  return drawer;
}

// Without snack bars. They go by themselves, too, so one may be gone before it is clicked.
async function dismissAll(page) {
  const dismiss = page.getByRole('button', { name: 'Dismiss' });
  await until('no snack bar is left', async () => {
    if ((await dismiss.count()) === 0) return true;
    await dismiss
      .first()
      .click({ timeout: 500 })
      .catch(() => undefined);
    return false;
  });
}

async function runCase(page, variant) {
  await page.goto(`/app/lab?case=${LAB_CASE}`);
  await button(page, variant).click();
  await page.getByRole('list', { name: 'Steps' }).waitFor();
}

export const VIEWS = [
  {
    name: 'login',
    show: async ({ page }) => {
      await page.goto('/app/login');
      await heading(page, 'Log in').waitFor();
    },
  },
  {
    name: 'login-refused',
    show: async ({ page }) => {
      await page.goto('/app/login');
      await submitLogin(page, { email: 'ada@example.com', password: 'not this one' });
      await failure(page, 'Invalid login credentials').waitFor();
    },
  },
  {
    name: 'sign-up-weak-password',
    show: async ({ page }) => {
      await page.goto('/app/signup');
      await field(page, 'Email').fill('ada@example.com');
      await field(page, 'Name').fill('Ada Lovelace');
      await field(page, 'Password').fill('abc');
      await button(page, 'Create account').click();
      await problemAt(field(page, 'Password'));
      await failure(page, 'guess').waitFor();
    },
  },
  {
    name: 'sign-up-taken',
    show: async ({ page, server }) => {
      const { email } = await person(server);
      await page.goto('/app/signup');
      await field(page, 'Email').fill(email);
      await field(page, 'Password').fill('violet-harbour-41-kettle');
      await button(page, 'Create account').click();
      await page.getByRole('link', { name: `Log in as ${email} instead` }).waitFor();
    },
  },
  {
    name: 'home',
    show: async ({ page, server }) => {
      await showHome(page, server);
      await button(page, 'Call GET /user').click();
      await page.getByLabel('Answer of the server').waitFor();
      await dismissAll(page);
    },
  },
  {
    name: 'home-offline',
    show: async ({ context, page, server }) => {
      await showHome(page, server);
      await dismissAll(page);
      await context.setOffline(true);
      await status(page, 'You are offline.').waitFor();
    },
  },
  {
    name: 'home-log-out-everywhere',
    show: async ({ page, server }) => {
      await showHome(page, server);
      await dismissAll(page);
      await button(page, 'Log out everywhere').click();
      await page.getByRole('dialog', { name: 'Log out everywhere?' }).waitFor();
    },
  },
  {
    name: 'account',
    show: async ({ page, server }) => {
      await logIn(page, await person(server));
      await page.goto('/app/account');
      await heading(page, 'Account').waitFor();
    },
  },
  {
    name: 'signed-in',
    show: async ({ page, server }) => {
      await logIn(page, await person(server));
      await page.goto('/app/login');
      await heading(page, 'You are signed in').waitFor();
    },
  },
  {
    name: 'lab',
    show: async ({ page }) => {
      await page.goto('/app/lab');
      await heading(page, 'Wiring lab').waitFor();
    },
  },
  { name: 'lab-as-wired', show: ({ page }) => runCase(page, 'Run as wired') },
  { name: 'lab-cured', show: ({ page }) => runCase(page, 'Run cured') },
  {
    name: 'drawer',
    show: async ({ page, server }) => {
      await showHome(page, server);
      await dismissAll(page);
      const drawer = await openDrawer(page);
      const [newest] = await drawer.getByRole('list', { name: 'API calls' }).getByRole('listitem').all();
      await newest.locator('summary').click();
      await newest.getByLabel('Request').waitFor();
    },
  },
  {
    name: 'drawer-stored',
    show: async ({ page, server }) => {
      await showHome(page, server);
      await dismissAll(page);
      const drawer = await openDrawer(page);
      await drawer.getByRole('tab', { name: 'What is stored' }).click();
      await drawer.getByText('Session holder').waitFor();
    },
  },
  {
    name: 'not-found',
    show: async ({ page }) => {
      await page.goto('/app/nowhere');
      await heading(page, 'Nothing here').waitFor();
    },
  },
];
