// What people with large letters and people with long names see: every page at 200 % text, on a phone and on a desk, with a
// customer whose name is one word of sixty letters. Nothing scrolls sideways, no word is cut off, every button can be reached.
import { test as base, expect } from '@playwright/test';
import { VIEWS, look, openPortal, sight } from './checks.mjs';
import { ofConsole, ofPortal, walk } from './walk.mjs';

const PHONE = VIEWS[0];
const DESK = VIEWS[2];
const LONG = 'Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewiss';

/** A browser whose user has set its letters to twice their size, as in Chromium's own settings. */
const test = base.extend({
  large: [async ({ playwright }, use, info) => {
    const { args = [], ...options } = info.project.use.launchOptions;
    const browser = await playwright.chromium.launch({ ...options, args: [...args, '--blink-settings=defaultFontSize=32'] });
    await use(browser);
    await browser.close();
  }, { scope: 'worker' }],
});

/** The console of the sample company in a browser, with the address its pages stand under. */
async function office(browser, view) {
  const context = await look(browser, view, { storageState: process.env.STAFF_STATE });
  return { context, page: await context.newPage(), company: `${process.env.STAFF_ORIGIN}/c/summit` };
}

/** What a customer's menu *Actions* opens. */
async function action(page, item) {
  await page.locator('summary', { hasText: 'Actions' }).click();
  await page.getByRole('button', { name: item }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  return dialog;
}

/** The address of the booking form that knows who asks. */
async function booking(page) {
  const address = await page.getByRole('link', { name: /Submit Request/ }).first().getAttribute('href');
  return new URL(address, page.url()).href;
}

/** The profile of the customer with the long name, who has been sent a message, and the link to their pages. */
let long;
test.beforeAll(async ({ browser }) => {
  const { context, page, company } = await office(browser, DESK);
  await page.goto(`${company}/customers`);
  await page.getByRole('link', { name: 'New customer' }).click();
  await page.getByLabel('First name').fill(LONG);
  await page.getByLabel('E-mail').fill(`${LONG.toLowerCase()}@mail.example`);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: LONG })).toBeVisible();
  const profile = page.url().split('?')[0];
  const dialog = await action(page, 'Copy Customer Portal Link');
  const link = await dialog.locator('input[readonly]').inputValue();
  await page.goto(profile);
  await page.locator('summary', { hasText: 'Actions' }).click();
  await page.locator('.menu a[href*="/send"]').first().click();
  await page.getByRole('button', { name: 'Send to the chosen customer' }).click();
  await expect(async () => {
    await page.goto(process.env.MAILBOX);
    await expect(page.getByText(`${LONG.toLowerCase()}@mail.example`).first()).toBeVisible({ timeout: 500 });
  }).toPass();
  await context.close();
  long = { profile, link };
});

for (const view of [PHONE, DESK]) {
  test(`the portal in large text at ${view.width}px`, async ({ large }) => {
    const context = await look(large, view);
    const page = await context.newPage();
    await openPortal(page);
    const pages = await walk(page, page.url(), ofPortal, (name) => sight(page, 'portal-large', name, view));
    expect(pages, 'main, five lists, their past halves, details, booking').toBeGreaterThan(14);
    await context.clearCookies();
    await openPortal(page, long.link);
    await sight(page, 'portal-large', 'long-name', view);
    await page.goto(await booking(page));
    await expect(page.getByText(LONG).first()).toBeVisible();
    await sight(page, 'portal-large', 'long-name-book', view);
    await context.close();
  });

  test(`the console in large text at ${view.width}px`, async ({ large }) => {
    const { context, page } = await office(large, view);
    const pages = await walk(page, long.profile, ofConsole('/c/summit'), (name) => sight(page, 'console-large', name, view));
    expect(pages, 'customers, profile, records, forms, communications, settings…').toBeGreaterThan(25);
    await page.goto(process.env.MAILBOX);
    await sight(page, 'console-large', 'long-name-mailbox', view);
    await context.close();
  });
}

for (const letters of ['usual', 'large']) {
  test(`every Revoke is in sight on a phone, ${letters} text`, async ({ browser, large }) => {
    const { context, page, company } = await office(letters === 'large' ? large : browser, PHONE);
    await page.goto(`${company}/customers/C-1001`);
    const dialog = await action(page, 'Customer Portal Access');
    const buttons = await dialog.getByRole('button', { name: 'Revoke', exact: true }).all();
    expect(buttons.length).toBeGreaterThan(0);
    for (const button of buttons) {
      const { x, width } = await button.boundingBox();
      expect(x, 'begins inside the screen').toBeGreaterThanOrEqual(0);
      expect(x + width, 'ends inside the screen').toBeLessThanOrEqual(PHONE.width);
    }
    const { wide, most } = await dialog.evaluate(({ scrollWidth: wide, clientWidth: most }) => ({ wide, most }));
    expect(wide, 'the dialog scrolls sideways').toBeLessThanOrEqual(most);
    await sight(page, `console-${letters}`, 'access', PHONE);
    await context.close();
  });
}

test('a name of one long word in usual text', async ({ browser }) => {
  for (const view of [PHONE, DESK]) {
    const { context, page, company } = await office(browser, view);
    for (const [name, address] of [
      ['profile', long.profile], ['customers', `${company}/customers?q=${LONG}`], ['outbox', `${company}/outbox`],
      ['audit', `${company}/settings/audit`], ['mailbox', process.env.MAILBOX],
    ]) {
      const response = await page.goto(address);
      expect(response.status(), address).toBe(200);
      await sight(page, 'console-long', name, view);
    }
    await openPortal(page, long.link);
    await sight(page, 'portal-long', 'home', view);
    await page.goto(await booking(page));
    await sight(page, 'portal-long', 'book', view);
    await context.close();
  }
});
