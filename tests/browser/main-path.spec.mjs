// The product's main job as a new user does it, in a real browser: a member of staff enables, shares and sends; a customer on
// a phone opens, edits, requests, looks at everything. The words are the product's; a changed word fails here.
import { test, expect } from '@playwright/test';
import { COMPANY, VIEWS, examine, listen, look, openPortal } from './checks.mjs';

const PHONE = VIEWS[0];
const DESK = VIEWS[2];

async function office(browser, options = {}) {
  const context = await look(browser, DESK, { storageState: process.env.STAFF_STATE, ...options });
  const page = await context.newPage();
  await page.goto(`${process.env.STAFF_ORIGIN}/`);
  return { context, page, complaints: listen(page) };
}

async function profile(page, index = 0) {
  await page.getByRole('link', { name: 'Customers' }).first().click();
  await page.locator('main a[href*="/customers/"]').nth(index).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

async function actions(page, item) {
  await page.locator('summary', { hasText: 'Actions' }).click();
  await page.getByRole('button', { name: item }).click();
}

test('the second company enables the plugin under Company Settings → Features & Plugins', async ({ browser }) => {
  const { context, page, complaints } = await office(browser);
  await page.goto(`${process.env.STAFF_ORIGIN}/c/brook/customers`);
  await page.getByRole('link', { name: 'Company Settings' }).click();
  await page.getByRole('link', { name: 'Features & Plugins' }).click();
  await expect(page.getByRole('heading', { name: 'Features & Plugins' })).toBeVisible();
  await page.getByRole('button', { name: /Enable/ }).click();
  await expect(page.getByText('Enabled').first()).toBeVisible();
  await profile(page);
  await actions(page, 'Copy Customer Portal Link');
  const link = await page.locator('input[readonly]').inputValue();
  expect(link).toContain('/brook/portal/l/');
  expect(complaints).toEqual([]);
  await context.close();
});

test('Actions → Copy Customer Portal Link: panel, checkbox, badge, a link that is copied', async ({ browser }) => {
  const { context, page, complaints } = await office(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  await profile(page, 1);
  await actions(page, 'Copy Customer Portal Link');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  const protect = dialog.getByRole('checkbox', { name: /Password Protected/ });
  await expect(protect).not.toBeChecked();
  await examine(page, 'console', 'panel', DESK, complaints);

  await dialog.getByRole('button', { name: 'Copy Customer Portal Link' }).click();
  await expect(dialog.getByText(/copied/i).first()).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await dialog.locator('input[readonly]').inputValue());

  // Switching the checkbox is real state: the badge and the other link appear, and stay after a reload.
  await protect.click();
  await expect(dialog.getByText('Unregistered')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Copy Registration Link' })).toBeVisible();
  await examine(page, 'console', 'panel-protected', DESK, complaints);
  await page.reload();
  await actions(page, 'Copy Customer Portal Link');
  await expect(page.getByRole('dialog').getByText('Unregistered')).toBeVisible();
  await page.getByRole('dialog').getByRole('checkbox', { name: /Password Protected/ }).click();
  await expect(page.getByRole('dialog').getByText('Unregistered')).toBeHidden();

  // Escape closes it and the focus goes back to where it came from.
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  expect(complaints).toEqual([]);
  await context.close();
});

test('Actions work by keyboard alone', async ({ browser }) => {
  const { context, page } = await office(browser);
  await profile(page, 2);
  const summary = page.locator('summary', { hasText: 'Actions' });
  await summary.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Copy Customer Portal Link' })).toBeFocused();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('checkbox', { name: /Password Protected/ })).toBeVisible();
  const inside = await dialog.evaluate((element) => element.contains(document.activeElement));
  expect(inside, 'the focus is in the dialog').toBe(true);
  await context.close();
});

test('a template with Insert Field Value reaches the mailbox with a link that works', async ({ browser }) => {
  const { context, page, complaints } = await office(browser);
  await page.getByRole('link', { name: 'Communications' }).click();
  await page.getByRole('link', { name: /New template/ }).click();
  await page.getByLabel('Name', { exact: true }).fill('Browser test');
  await page.getByLabel('Subject').fill('Hello from the browser test');
  await page.getByLabel('Text', { exact: true }).fill('Your portal: ');
  await page.locator('summary', { hasText: 'Insert Field Value' }).click();
  await expect(page.getByRole('button', { name: /^Customer Portal Link w\/ Password/ })).toBeVisible();
  await examine(page, 'console', 'insert-field-value', DESK, complaints);
  await page.getByRole('button', { name: /^Customer Portal Link(?! w)/ }).click();
  await expect(page.getByLabel('Text', { exact: true })).toHaveValue(/\{\{\s*plugin\.customer_portal\.portal_link\s*\}\}/);
  await expect(page.locator('#preview')).toContainText('/portal/l/');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('link', { name: 'Send', exact: true }).click();
  await page.getByRole('radio').and(page.locator(':enabled')).first().check();
  await page.getByRole('button', { name: 'Send to the chosen customer' }).click();
  await expect(async () => {
    await page.goto(process.env.MAILBOX);
    await page.getByRole('link', { name: /Hello from the browser test/ }).first().click({ timeout: 500 });
  }).toPass();
  await examine(page, 'console', 'mailbox-message', DESK, complaints);
  const link = await page.locator('.message a[href*="/portal/l/"]').first().getAttribute('href');
  expect(complaints).toEqual([]);

  const phone = await look(browser, PHONE);
  const customer = await phone.newPage();
  await openPortal(customer, link);
  await phone.close();
  await context.close();
});

test('a customer on a phone: details, Save Changes, Submit Request in a new tab, every section', async ({ browser }) => {
  const phone = await look(browser, PHONE, { hasTouch: true, isMobile: true });
  const page = await phone.newPage();
  const complaints = listen(page);
  await openPortal(page);
  expect(page.url()).not.toContain('/l/');
  await expect(page.getByText(COMPANY).first()).toBeVisible();

  await page.getByLabel(/^Phone/).fill('(303) 555-0144');
  await page.getByRole('button', { name: 'Save Changes' }).click();
  await expect(page.getByText('Saved').first()).toBeVisible();
  await examine(page, 'portal', 'saved', PHONE, complaints);

  const [tab] = await Promise.all([phone.waitForEvent('page'), page.getByRole('link', { name: /Submit Request/ }).first().click()]);
  const tabComplaints = listen(tab);
  await expect(tab.getByRole('heading', { name: 'Request service' })).toBeVisible();
  await tab.getByLabel('What do you need?').fill('The browser hears a rattle');
  await tab.getByRole('button', { name: 'Send Request' }).click();
  await expect(tab.getByText('Thank you. We have your request.')).toBeVisible();
  await examine(tab, 'portal', 'booked', PHONE, tabComplaints);
  await tab.close();
  await page.reload();
  await expect(page.getByText('The browser hears a rattle').first()).toBeVisible();

  for (const section of ['My Jobs', 'My Projects', 'My Estimates', 'My Invoices', 'My Payments']) {
    await page.getByRole('link', { name: section }).first().click();
    await expect(page.getByRole('heading', { level: 1, name: section })).toBeVisible();
    const row = page.locator('main table a').first();
    if (await row.count()) {
      await row.click();
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    }
  }
  expect(complaints).toEqual([]);
  await phone.close();

  // Staff see both.
  const { context, page: desk } = await office(browser);
  await desk.getByRole('link', { name: 'Requests' }).click();
  await expect(desk.getByText('The browser hears a rattle').first()).toBeVisible();
  await context.close();
});

test('files are viewed in the tab and downloaded', async ({ browser }) => {
  const context = await look(browser, DESK);
  const page = await context.newPage();
  await openPortal(page);
  const mount = process.env.PORTAL_LINK.split('/l/')[0];
  let download;
  for (const half of ['', '?show=past']) {
    await page.goto(`${mount}/jobs${half}`);
    const rows = await page.$$eval('main table a', (all) => all.map((a) => a.href));
    for (const row of rows) {
      await page.goto(row);
      const link = page.locator('a[href*="/files/"][href*="download"], a[href*="/files/"][download]').first();
      if (await link.count()) {
        download = link;
        break;
      }
    }
    if (download) break;
  }
  expect(download, 'a job of the sample customer has a file').toBeTruthy();
  const [saved] = await Promise.all([page.waitForEvent('download'), download.click()]);
  expect(saved.suggestedFilename()).toMatch(/\.[a-z]{3,4}$/);
  expect(await saved.failure()).toBeNull();
  await context.close();
});
