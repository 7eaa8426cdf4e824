// The whole story of a password in a real browser: staff protect a portal, a mail scanner looks at the link, the customer
// signs up, out and in, forgets the password, chooses a new one, changes it, and signs another device out. And a page
// on another origin that tries to act in the customer's name.
import { createServer } from 'node:http';
import { test, expect } from '@playwright/test';
import { VIEWS, examine, listen, look } from './checks.mjs';

const PHONE = VIEWS[0];
const DESK = VIEWS[2];

const FIRST = 'correct horse battery';
const SECOND = 'seven quiet mountain lakes';
const THIRD = 'a lamp beside the open window';

const mount = () => process.env.PORTAL_LINK.split('/l/')[0];

/** A customer whom no other test uses. */
const WHO = { id: 'C-1022', email: 'nia.okonkwo@mail.example' };

/** Opens *Copy Customer Portal Link* on a customer's profile; answers the dialog. */
async function panel(browser, id) {
  const context = await look(browser, DESK, { storageState: process.env.STAFF_STATE });
  const page = await context.newPage();
  await page.goto(`${process.env.STAFF_ORIGIN}/c/summit/customers/${id}`);
  await page.locator('summary', { hasText: 'Actions' }).click();
  await page.getByRole('button', { name: 'Copy Customer Portal Link' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  return { context, page, dialog };
}

/** Staff switch Password Protected on; answers the registration link. */
async function protect(browser, id) {
  const { context, dialog } = await panel(browser, id);
  await dialog.getByRole('checkbox', { name: /Password Protected/ }).click();
  await expect(dialog.getByText('Unregistered')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Copy Registration Link' })).toBeVisible();
  const link = await dialog.locator('input[readonly]').inputValue();
  await context.close();
  return link;
}

/** The address in the newest message whose subject matches, once it has arrived. */
async function linkInMailbox(browser, subject, part) {
  const context = await look(browser, DESK, { storageState: process.env.STAFF_STATE });
  const page = await context.newPage();
  let address;
  await expect(async () => {
    await page.goto(process.env.MAILBOX);
    await page.getByRole('link', { name: subject }).first().click({ timeout: 500 });
    address = await page.locator(`.message a[href*="${part}"]`).first().getAttribute('href', { timeout: 500 });
  }).toPass();
  await context.close();
  return address;
}

/** Like a mail program's scanner: looks several times, runs no script, presses nothing. */
async function scan(request, address) {
  for (const method of ['get', 'head', 'get', 'head', 'get']) {
    const answer = await request[method](address, { maxRedirects: 0 });
    expect(answer.status(), `${method} ${address}`).toBe(200);
    expect(answer.headers()['set-cookie'], `${method} gives no session`).toBeUndefined();
  }
}

async function signIn(page, email, password) {
  await page.goto(`${mount()}/sign-in`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign In' }).click();
}

const atHome = (page) => expect(page.getByRole('link', { name: 'My Jobs' }).first()).toBeVisible();

test('the whole story of a password', async ({ browser, request }) => {
  const { id, email } = WHO;
  const link = await protect(browser, id);
  await scan(request, link);

  // Signing up on a phone, with rules that answer while one types.
  const phone = await look(browser, PHONE, { hasTouch: true, isMobile: true });
  const page = await phone.newPage();
  const complaints = listen(page);
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'Sign Up' })).toBeVisible();
  expect(page.url()).not.toContain('/l/');
  await expect(page.getByLabel('E-mail')).toHaveValue(email);
  await examine(page, 'portal', 'sign-up', PHONE, complaints);
  const password = page.getByLabel('Password', { exact: true });
  const rules = page.locator('[data-rule]');
  await password.fill('short');
  await expect(rules.first()).not.toHaveClass(/met/);
  await expect(page.locator('#password-told')).toContainText('At least');
  await password.fill(email.toUpperCase());
  await expect(rules.nth(1)).not.toHaveClass(/met/);
  await password.fill(FIRST);
  for (const rule of await rules.all()) await expect(rule).toHaveClass(/met/);
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(password).toHaveAttribute('type', 'text');
  await examine(page, 'portal', 'sign-up-typed', PHONE, complaints);
  await page.getByRole('button', { name: 'Sign Up' }).click();
  await atHome(page);
  const office = await panel(browser, id);
  await expect(office.dialog.getByText('Registered', { exact: true })).toBeVisible();
  await office.context.close();

  // Out and in again. A wrong password is refused without saying what was wrong.
  await page.getByRole('button', { name: 'Sign Out' }).click();
  await expect(page.getByText('You are signed out')).toBeVisible();
  await page.goto(`${mount()}/invoices`);
  await expect(page).toHaveURL(/sign-in\?next=/);
  await signIn(page, email, 'not the password');
  await expect(page.getByRole('alert')).toContainText('The e-mail address or the password is not right.');
  await examine(page, 'portal', 'sign-in-refused', PHONE, complaints);
  await signIn(page, email, FIRST);
  await atHome(page);

  // Forgotten, on another device. The scanner looks at that link too.
  const desk = await look(browser, DESK);
  const other = await desk.newPage();
  const others = listen(other);
  await other.goto(`${mount()}/sign-in`);
  await other.getByRole('link', { name: 'Forgot your password?' }).click();
  await examine(other, 'portal', 'forgot', DESK, others);
  await other.getByLabel('E-mail').fill(email);
  await other.getByRole('button', { name: 'Send the link' }).click();
  await expect(other.getByRole('heading', { name: 'Check your e-mail' })).toBeVisible();
  await examine(other, 'portal', 'forgot-sent', DESK, others);
  const reset = await linkInMailbox(browser, /Choose a new password/, '/r/');
  await scan(request, reset);
  await other.goto(reset);
  await expect(other.getByRole('heading', { name: 'Choose a new password' })).toBeVisible();
  await examine(other, 'portal', 'reset', DESK, others);
  await other.getByLabel('New password').fill(SECOND);
  await other.getByRole('button', { name: 'Save Password' }).click();
  await atHome(other);

  // That ended the phone's session, and the link is used up.
  await page.goto(`${mount()}/jobs`);
  await expect(page).toHaveURL(/sign-in/);
  await page.goto(reset);
  await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
  await signIn(page, email, SECOND);
  await atHome(page);

  // Changing it, and the devices it leaves.
  await page.goto(`${mount()}/account`);
  await expect(page.getByRole('heading', { name: 'Signed-in devices' })).toBeVisible();
  await examine(page, 'portal', 'account', PHONE, complaints);
  await page.getByRole('link', { name: 'Change password' }).click();
  await page.getByLabel('Current password').fill(SECOND);
  await page.getByLabel('New password').fill(THIRD);
  await examine(page, 'portal', 'change-password', PHONE, complaints);
  await page.getByRole('button', { name: 'Save Password' }).click();
  await expect(page.getByText('Your password is changed')).toBeVisible();
  await other.goto(`${mount()}/jobs`);
  await expect(other).toHaveURL(/sign-in/);
  await signIn(other, email, THIRD);
  await atHome(other);
  await page.goto(`${mount()}/account`);
  await page.getByRole('button', { name: 'Sign out the others' }).click();
  await expect(page.getByText('The other devices are signed out')).toBeVisible();
  await other.goto(`${mount()}/jobs`);
  await expect(other).toHaveURL(/sign-in/);

  // Who opened it: every time, and none of the scanner's looks.
  await page.goto(`${mount()}/opened`);
  await examine(page, 'portal', 'opened', PHONE, complaints);
  await expect(page.locator('main .row').filter({ hasText: 'Signed up' })).toHaveCount(1);
  await expect(page.locator('main .row').filter({ hasText: /^\s*Password/ })).not.toHaveCount(0);

  // Old links lead to Sign In and show nothing.
  const late = await desk.newPage();
  await late.goto(link);
  await expect(late.getByRole('heading', { name: 'Sign In' })).toBeVisible();
  expect(complaints).toEqual([]);
  expect(others.filter((line) => !/422/.test(line))).toEqual([]);
  await phone.close();
  await desk.close();
});

test('a revoked link heals itself: the fresh one goes to the address on file', async ({ browser }) => {
  const { context, page: desk, dialog } = await panel(browser, 'C-1026');
  const link = await dialog.locator('input[readonly]').inputValue();
  await desk.goto(`${process.env.STAFF_ORIGIN}/c/summit/customers/C-1026`);
  await desk.locator('summary', { hasText: 'Actions' }).click();
  await desk.getByRole('button', { name: 'Customer Portal Access' }).click();
  await desk.getByRole('button', { name: 'Revoke all links' }).click();
  await expect(desk.getByText('Every link is revoked.').first()).toBeVisible();
  await context.close();

  const phone = await look(browser, PHONE);
  const page = await phone.newPage();
  const complaints = listen(page);
  await page.goto(link);
  await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
  await expect(page.getByText('a•••@m•••.example')).toBeVisible();
  await examine(page, 'portal', 'link-revoked', PHONE, complaints);
  await page.getByRole('button', { name: 'Send me a fresh link' }).click();
  await expect(page.getByRole('heading', { name: 'Look at your messages' })).toBeVisible();
  const fresh = await linkInMailbox(browser, /Your customer portal at/, '/portal/l/');
  expect(fresh).not.toBe(link);
  await page.goto(fresh);
  await atHome(page);
  await phone.close();
});

for (const view of [PHONE, DESK]) {
  test(`a link that no longer opens heals itself, at ${view.width}px`, async ({ browser }) => {
    const context = await look(browser, view);
    const page = await context.newPage();
    const complaints = listen(page);
    await page.goto(`${mount()}/l/${'x'.repeat(300)}`);
    await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
    await examine(page, 'portal', 'link-over', view, complaints);
    await page.getByLabel('E-mail').fill('not an address');
    await page.getByRole('button', { name: 'Send me a fresh link' }).click();
    await expect(page.getByLabel('E-mail')).toHaveValue('not an address');
    await examine(page, 'portal', 'fresh-link-refused', view, complaints);
    await page.getByLabel('E-mail').fill('nobody@example.com');
    await page.getByRole('button', { name: 'Send me a fresh link' }).click();
    await expect(page.getByRole('heading', { name: 'Look at your messages' })).toBeVisible();
    await examine(page, 'portal', 'fresh-link-sent', view, complaints);
    await context.close();
  });
}

test('without scripts the link, signing up and a fresh link work by forms alone', async ({ browser }) => {
  const link = await protect(browser, 'C-1028');
  const context = await look(browser, PHONE, { javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { name: 'Sign Up' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Show' })).toBeHidden();
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByRole('button', { name: 'Sign Up' }).click();
  await expect(page.getByRole('alert')).toContainText('Use at least');
  await page.getByLabel('Password', { exact: true }).fill(FIRST);
  await page.getByRole('button', { name: 'Sign Up' }).click();
  await atHome(page);
  await page.goto(`${mount()}/l/broken`);
  await page.getByLabel('E-mail').fill('ingrid.s@mail.example');
  await page.getByRole('button', { name: 'Send me a fresh link' }).click();
  await expect(page.getByRole('heading', { name: 'Look at your messages' })).toBeVisible();
  await context.close();
});

test('a new e-mail is proven by the code that was sent to it', async ({ browser }) => {
  const context = await look(browser, PHONE);
  const page = await context.newPage();
  const complaints = listen(page);
  await page.goto(process.env.PORTAL_LINK);
  await atHome(page);
  const before = await page.getByLabel('E-mail').inputValue();
  await page.getByLabel('E-mail').fill('proven@example.com');
  await page.getByRole('button', { name: 'Save Changes' }).click();
  await expect(page.getByRole('heading', { name: 'Confirm your new e-mail' })).toBeVisible();
  await expect(page.getByLabel('Code')).toBeFocused();
  await examine(page, 'portal', 'confirm-email', PHONE, complaints);
  await page.getByLabel('Code').fill('00 00-0');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('alert')).toContainText('The code is not right.');
  await examine(page, 'portal', 'confirm-email-refused', PHONE, complaints);
  await page.goto(`${mount()}/`);
  await expect(page.getByLabel('E-mail')).toHaveValue(before);
  await examine(page, 'portal', 'email-waits', PHONE, complaints);

  const desk = await look(browser, DESK, { storageState: process.env.STAFF_STATE });
  const mailbox = await desk.newPage();
  let code;
  await expect(async () => {
    await mailbox.goto(process.env.MAILBOX);
    await mailbox.getByRole('link', { name: /Your code for/ }).first().click({ timeout: 500 });
    code = (await mailbox.locator('.message').innerText({ timeout: 500 })).match(/\b\d{6}\b/)[0];
  }).toPass();
  await desk.close();
  await page.getByRole('link', { name: 'Enter the code' }).click();
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByText('Saved').first()).toBeVisible();
  await expect(page.getByLabel('E-mail')).toHaveValue('proven@example.com');
  await context.close();
});

test('a page on another origin cannot act in the customer\u2019s name', async ({ browser }) => {
  const context = await look(browser, DESK);
  const page = await context.newPage();
  await page.goto(process.env.PORTAL_LINK);
  await atHome(page);
  const city = await page.getByLabel('City').inputValue();
  const version = await page.locator('input[name="version"]').inputValue();
  const fields = await page.$$eval('form[action$="/details"] input', (all) => all.map(({ name, value }) => ({ name, value })));

  // Another host name on the loopback, so that to the browser it is another site and not only another port.
  const stranger = createServer((asked, answer) => {
    const target = new URL(asked.url, 'http://stranger').searchParams.get('to');
    const inputs = fields.map(({ name, value }) =>
      `<input type="hidden" name="${name}" value="${(name === 'city' ? 'Stolen' : value).replace(/&/g, '&amp;').replace(/"/g, '&quot;')}">`);
    answer.setHeader('content-type', 'text/html; charset=utf-8');
    answer.end(`<!doctype html><title>A stranger</title><form method="post" action="${mount()}${target}">${inputs.join('')}<button>Win a prize</button></form>`);
  });
  await new Promise((ready) => stranger.listen(0, '127.0.0.1', ready));
  const { port } = stranger.address();
  try {
    for (const host of ['localhost', '127.0.0.1']) {
      for (const target of ['/details', '/sign-out', '/account/sign-out-others', '/details/email/cancel', '/language']) {
        const trap = await context.newPage();
        await trap.goto(`http://${host}:${port}/?to=${target}`);
        const [answer] = await Promise.all([
          trap.waitForResponse((response) => response.request().method() === 'POST'),
          trap.getByRole('button', { name: 'Win a prize' }).click(),
        ]);
        expect(answer.status(), `${target} from ${host}`).toBe(403);
        await trap.close();
      }
    }
  } finally {
    await new Promise((done) => stranger.close(done));
  }
  // Nothing was changed and nobody was signed out.
  await page.goto(`${mount()}/`);
  await expect(page.getByLabel('City')).toHaveValue(city);
  await expect(page.locator('input[name="version"]')).toHaveValue(version);
  await context.close();
});
