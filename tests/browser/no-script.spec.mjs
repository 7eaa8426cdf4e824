// The portal and the panel with scripts off: everything a customer needs works by links and forms alone.
// Whatever script adds is a comfort.
import { test, expect } from '@playwright/test';
import { VIEWS, look } from './checks.mjs';

test('a customer without scripts opens the link, edits, requests and reads', async ({ browser }) => {
  const context = await look(browser, VIEWS[0], { javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(process.env.PORTAL_LINK);
  await page.getByRole('button').first().click();
  await expect(page.getByRole('link', { name: 'My Jobs' }).first()).toBeVisible();

  await page.getByLabel('City').fill('Silverton');
  await page.getByRole('button', { name: 'Save Changes' }).click();
  await expect(page.getByText('Saved').first()).toBeVisible();
  await expect(page.getByLabel('City')).toHaveValue('Silverton');

  const booking = await page.getByRole('link', { name: /Submit Request/ }).first().getAttribute('href');
  await page.goto(new URL(booking, page.url()).href);
  await page.getByLabel('What do you need?').fill('No script, still a rattle');
  await page.getByRole('button', { name: 'Send Request' }).click();
  await expect(page.getByText('Thank you. We have your request.')).toBeVisible();

  const mount = process.env.PORTAL_LINK.split('/l/')[0];
  for (const section of ['jobs', 'projects', 'estimates', 'invoices', 'payments']) {
    await page.goto(`${mount}/${section}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  await page.getByRole('button', { name: /Sign Out/ }).click();
  await page.goto(`${mount}/invoices`);
  await expect(page).toHaveURL(/sign-in/);
  await context.close();
});

test('staff without scripts copy a link from the panel as a page', async ({ browser }) => {
  const context = await look(browser, VIEWS[2], { javaScriptEnabled: false, storageState: process.env.STAFF_STATE });
  const page = await context.newPage();
  await page.goto(`${process.env.STAFF_ORIGIN}/`);
  await page.getByRole('link', { name: 'Customers' }).first().click();
  await page.locator('main a[href*="/customers/"]').first().click();
  await page.locator('summary', { hasText: 'Actions' }).click();
  await page.getByRole('button', { name: 'Copy Customer Portal Link' }).click();
  await expect(page.getByRole('checkbox', { name: /Password Protected/ })).toBeVisible();
  expect(await page.locator('input[readonly]').inputValue()).toContain('/portal/l/');
  await context.close();
});
