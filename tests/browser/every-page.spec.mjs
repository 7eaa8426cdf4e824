// Every page of the portal and of the console, found by following links from the first one, so that a new page is
// covered the day it is linked: axe, no sideways scrolling, no complaint of the browser, a picture.
import { test, expect } from '@playwright/test';
import { VIEWS, examine, listen, look, openPortal } from './checks.mjs';
import { ofConsole, ofPortal, walk } from './walk.mjs';

for (const view of VIEWS) {
  test(`every page of the portal at ${view.width}px, ${view.scheme}`, async ({ browser }) => {
    const context = await look(browser, view);
    const page = await context.newPage();
    await openPortal(page);
    const complaints = listen(page);
    const pages = await walk(page, page.url(), ofPortal, (name) => examine(page, 'portal', name, view, complaints));
    expect(pages, 'main, five lists, their past halves, details, booking').toBeGreaterThan(14);
    await context.close();
  });

  test(`every page of the console at ${view.width}px, ${view.scheme}`, async ({ browser }) => {
    const context = await look(browser, view, { storageState: process.env.STAFF_STATE });
    const page = await context.newPage();
    await page.goto(`${process.env.STAFF_ORIGIN}/`);
    const company = new URL(page.url()).pathname.split('/').slice(0, 3).join('/');
    const complaints = listen(page);
    const pages = await walk(page, page.url(), ofConsole(company), (name) => examine(page, 'console', name, view, complaints));
    expect(pages, 'customers, profile, records, forms, communications, settings…').toBeGreaterThan(25);
    await context.close();
  });

  test(`pages no link leads to, at ${view.width}px, ${view.scheme}`, async ({ browser }) => {
    const context = await look(browser, view, { javaScriptEnabled: true });
    const page = await context.newPage();
    const complaints = listen(page);
    const mount = process.env.PORTAL_LINK.split('/l/')[0];
    const open = async (area, name, address) => {
      await page.goto(address);
      await examine(page, area, name, view, complaints);
    };
    await open('portal', 'link-unknown', `${mount}/l/unknown-unknown-unknown-unknown`);
    await open('portal', 'sign-in', `${mount}/sign-in`);
    await open('portal', 'forgot', `${mount}/forgot`);
    await open('portal', 'fresh-link', `${mount}/fresh-link`);
    await open('portal', 'reset-over', `${mount}/r/unknown`);
    await open('portal', 'not-enabled', `${process.env.PUBLIC_ORIGIN}/brook/portal/`);
    await open('portal', 'nowhere', `${process.env.PUBLIC_ORIGIN}/nowhere`);
    await open('portal', 'booking-stranger', `${mount.replace(/\/[^/]+$/, '')}/book`);
    await page.getByRole('button', { name: 'Send Request' }).click();
    await examine(page, 'portal', 'booking-refused', view, complaints);
    await open('console', 'sign-in', `${process.env.STAFF_ORIGIN}/sign-in`);
    await open('console', 'nowhere', `${process.env.STAFF_ORIGIN}/nowhere`);
    await openPortal(page);
    complaints.splice(0);
    await open('portal', 'not-found', `${mount}/invoices/nothing`);
    await page.goto(`${mount}/`);
    await page.locator('#content form[action$="/details"] input[name="email"]').evaluate((input) => {
      input.form.noValidate = true;
      input.value = 'not an address';
    });
    await page.getByRole('button', { name: 'Save Changes' }).click();
    await examine(page, 'portal', 'details-refused', view, complaints);
    await context.close();
  });

  test(`the link's own page without script, at ${view.width}px, ${view.scheme}`, async ({ browser }) => {
    // With script it continues at once, so only here can it be looked at; axe still runs in the page's context.
    const context = await look(browser, view);
    await context.route('**/*.js', (route) => route.fulfill({ status: 200, contentType: 'text/javascript', body: '' }));
    const page = await context.newPage();
    const complaints = listen(page);
    await page.goto(process.env.PORTAL_LINK);
    await examine(page, 'portal', 'link', view, complaints);
    await context.close();
  });
}
