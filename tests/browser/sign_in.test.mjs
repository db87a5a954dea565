// From typed credentials to a protected page, and what goes wrong on the way there.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { appTests } from './support/app.mjs';
import {
  PASSWORD,
  button,
  failure,
  field,
  heading,
  logIn,
  newEmail,
  newPerson,
  problemAt,
  status,
  submitLogin,
} from './support/people.mjs';

async function fillSignUp(page, { kind = 'Email', identifier, name, password }) {
  if (kind !== 'Email')
    await page.getByRole('radiogroup', { name: 'Sign up with' }).getByText(kind, { exact: true }).click();
  await field(page, kind).fill(identifier);
  if (name) await field(page, 'Name').fill(name);
  await field(page, 'Password').fill(password);
}

describe('signing up', () => {
  const test = appTests();

  test('leads to a protected page, and the account signs in again', async ({ page }) => {
    const person = { email: newEmail(), name: 'Grace Hopper', password: PASSWORD };
    await page.goto('/app');
    await heading(page, 'Log in').waitFor();
    assert.equal(new URL(page.url()).pathname, '/app/login');
    await page.getByRole('link', { name: 'Create an account' }).click();
    await heading(page, 'Create your account').waitFor();
    await fillSignUp(page, { identifier: person.email, ...person });
    await button(page, 'Create account').click();
    await status(page, 'Welcome, Grace Hopper. Your account is ready.').waitFor();
    await heading(page, 'Hello, Grace Hopper').waitFor();
    assert.equal(new URL(page.url()).pathname, '/app/home');
    await button(page, 'Call GET /user').click();
    const answer = await page.getByLabel('Answer of the server').textContent();
    assert.equal(JSON.parse(answer).email, person.email);

    await button(page, 'Log out here').click();
    await heading(page, 'Log in').waitFor();
    await status(page, 'You are logged out.').waitFor();
    await submitLogin(page, person);
    await status(page, 'Welcome back, Grace Hopper.').waitFor();
    await heading(page, 'Hello, Grace Hopper').waitFor();
  });

  test('works with a user name', async ({ page }) => {
    await page.goto('/app/signup');
    await fillSignUp(page, { kind: 'User name', identifier: 'linus.t', password: PASSWORD });
    await button(page, 'Create account').click();
    await heading(page, 'Hello, linus.t').waitFor();
  });

  test('works with a phone number', async ({ page }) => {
    await page.goto('/app/signup');
    await fillSignUp(page, { kind: 'Phone', identifier: '+44 20 7946 0123', password: PASSWORD });
    await button(page, 'Create account').click();
    await heading(page, 'Hello, +442079460123').waitFor();
  });

  test('says why a password is weak, at the field', async ({ page }) => {
    await page.goto('/app/signup');
    await fillSignUp(page, { identifier: newEmail(), password: 'abc' });
    await button(page, 'Create account').click();
    const password = field(page, 'Password');
    const problem = await problemAt(password);
    assert.match(problem, /8/);
    assert.match(problem, /guess/);
    assert.ok(await password.evaluate((input) => input === document.activeElement));
    await failure(page, 'guess').waitFor();
    assert.equal(new URL(page.url()).pathname, '/app/signup');
  });

  test('offers the login when the address is taken', async ({ page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app/signup');
    await fillSignUp(page, { identifier: person.email, password: PASSWORD });
    await button(page, 'Create account').click();
    assert.match(await problemAt(field(page, 'Email')), /User already registered/);
    await failure(page, 'User already registered').waitFor();
    await page.getByRole('link', { name: `Log in as ${person.email} instead` }).click();
    await heading(page, 'Log in').waitFor();
    assert.equal(await field(page, 'Email, user name or phone').inputValue(), person.email);
    await field(page, 'Password').fill(person.password);
    await button(page, 'Log in').click();
    await heading(page, `Hello, ${person.name}`).waitFor();
  });

  test('says at the field that an address is none', async ({ page }) => {
    await page.goto('/app/signup');
    await fillSignUp(page, { identifier: 'nobody', password: PASSWORD });
    await button(page, 'Create account').click();
    assert.match(await problemAt(field(page, 'Email')), /address|@/i);
  });
});

describe('logging in', () => {
  const test = appTests();

  test('asks for what is missing before it asks the server', async ({ page }) => {
    await page.goto('/app/login');
    await button(page, 'Log in').click();
    assert.match(await problemAt(field(page, 'Email, user name or phone')), /Enter your email address/);
    assert.match(await problemAt(field(page, 'Password')), /Enter your password/);
  });

  test('refuses a wrong password in the words of the server, and then takes the right one', async ({
    page,
    server,
  }) => {
    const person = await newPerson(server);
    await page.goto('/app/login');
    await submitLogin(page, { ...person, password: 'not this one' });
    await failure(page, 'Invalid login credentials').waitFor();
    assert.match(await problemAt(field(page, 'Password')), /Invalid login credentials/);
    assert.equal(new URL(page.url()).pathname, '/app/login');
    await submitLogin(page, person);
    await heading(page, `Hello, ${person.name}`).waitFor();
    assert.equal(await failure(page, 'Invalid login credentials').count(), 0);
  });

  test('shows the password when asked to', async ({ page }) => {
    await page.goto('/app/login');
    const password = field(page, 'Password');
    await password.fill('to be seen');
    assert.equal(await password.getAttribute('type'), 'password');
    await button(page, 'Show password').click();
    assert.equal(await password.getAttribute('type'), 'text');
  });

  test('leads back to the protected page that was asked for', async ({ page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app/account');
    await heading(page, 'Log in').waitFor();
    assert.equal(new URL(page.url()).pathname, '/app/login');
    await submitLogin(page, person);
    await heading(page, 'Account').waitFor();
    assert.equal(new URL(page.url()).pathname, '/app/account');
  });

  test('works with the keyboard alone', async ({ page, server }) => {
    const person = await newPerson(server);
    await page.goto('/app/login');
    await heading(page, 'Log in').waitFor();
    // From the top of the page to the first field, past what stands before it.
    const identifier = field(page, 'Email, user name or phone');
    const hasFocus = (input) => input === document.activeElement;
    for (let stops = 0; !(await identifier.evaluate(hasFocus)); stops += 1) {
      assert.ok(stops < 10, 'the first field is not reached with Tab');
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type(person.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(person.password);
    await page.keyboard.press('Enter');
    await heading(page, `Hello, ${person.name}`).waitFor();
    // The heading has the focus, so that a screen reader says where it is.
    await heading(page, `Hello, ${person.name}`).and(page.locator(':focus')).waitFor();
  });

  test('has a link past the header for the keyboard', async ({ page }) => {
    await page.goto('/app/login');
    await heading(page, 'Log in').waitFor();
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to the content' });
    await skip.and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await field(page, 'Email, user name or phone').and(page.locator(':focus')).waitFor();
  });
});

describe('what people type', () => {
  const test = appTests();
  const TEXTS = {
    quotes: `"double" 'single' \`back\` „deutsch“`,
    backslashes: String.raw`C:\new\table\u0041 \\ \"`,
    emoji: '👩‍💻🔑 violet 🏳️‍🌈',
    umlauts: 'Jürgen Groß-Łukasiewicz ÄÖÜ ñ 漢字',
    markup: '<b>bold</b> &amp; </script> ${name} %20 {{x}}',
  };

  for (const [what, text] of Object.entries(TEXTS)) {
    test(`arrives as it was typed: ${what}`, async ({ page }) => {
      const person = { email: newEmail(), name: text, password: `${text} 41-kettle` };
      await page.goto('/app/signup');
      await fillSignUp(page, { identifier: person.email, ...person });
      await button(page, 'Create account').click();
      await heading(page, `Hello, ${text}`).waitFor();
      await button(page, 'Log out here').click();
      await heading(page, 'Log in').waitFor();
      await submitLogin(page, person);
      await heading(page, `Hello, ${text}`).waitFor();
      await page.reload();
      await heading(page, `Hello, ${text}`).waitFor();
    });
  }
});

describe('the account page', () => {
  const test = appTests();

  test('changes the name, and what other pages show with it', async ({ page, server }) => {
    await logIn(page, await newPerson(server));
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Account' }).click();
    await field(page, 'Name').fill('Zoë "Z" O’Brien 🎈');
    await button(page, 'Save name').click();
    await status(page, 'Your name was changed.').waitFor();
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Home' }).click();
    await heading(page, 'Hello, Zoë "Z" O’Brien 🎈').waitFor();
  });

  test('changes the password: the new one signs in, the old one does not', async ({ page, server }) => {
    const person = await newPerson(server);
    const password = 'grün\\"🔑" 57 lanterns';
    await logIn(page, person);
    await page.goto('/app/account');
    await field(page, 'Current password').fill('not this one');
    await field(page, 'New password').fill(password);
    await button(page, 'Change password').click();
    assert.match(await problemAt(field(page, 'Current password')), /This is not your current password/);
    await field(page, 'Current password').fill(person.password);
    await button(page, 'Change password').click();
    await status(page, 'Your password was changed.').waitFor();

    await page.goto('/app/home');
    await button(page, 'Log out here').click();
    await heading(page, 'Log in').waitFor();
    await submitLogin(page, person);
    await failure(page, 'Invalid login credentials').waitFor();
    await submitLogin(page, { ...person, password });
    await heading(page, `Hello, ${person.name}`).waitFor();
  });

  test('says at the field why a new password is weak', async ({ page, server }) => {
    const person = await newPerson(server);
    await logIn(page, person);
    await page.goto('/app/account');
    await field(page, 'Current password').fill(person.password);
    await field(page, 'New password').fill('abc');
    await button(page, 'Change password').click();
    assert.match(await problemAt(field(page, 'New password')), /guess/);
  });
});
