// Finds every page by following links from the first one, so that a new page is covered the day it is linked.
// What each page is held to is the caller's business.
import { expect } from '@playwright/test';

/** One name per kind of page: `/summit/portal/jobs/J-7?show=past` is `jobs-id-show`. */
function kind(url) {
  const parts = url.pathname.split('/').filter(Boolean).map((part) => {
    const word = decodeURIComponent(part);
    return /^[a-z]+(-[a-z]+)*$/.test(word) ? word : 'id';
  });
  const query = [...url.searchParams.keys()].filter((key) => !['after', 'did', 'saved', 'customer', 'back', 'from'].includes(key));
  const named = [...parts, ...new Set(query)].join('-');
  return named.replace(/^(summit-portal|c-summit|summit)(-|$)/, '') || 'home';
}

/** Visits one page of each kind that links lead to, the nearest to `start` first, and hands its name to `check`. */
export async function walk(page, start, own, check) {
  const seen = new Set();
  const waiting = [start];
  let pages = 0;
  while (waiting.length > 0) {
    const address = waiting.shift();
    const name = kind(new URL(address));
    if (seen.has(name)) continue;
    seen.add(name);
    const response = await page.goto(address);
    expect(response.status(), address).toBeLessThan(400);
    if (!(response.headers()['content-type'] ?? '').startsWith('text/html')) continue;
    await check(name);
    pages += 1;
    const links = await page.$$eval('a[href]', (all) => all.filter((a) => !a.hasAttribute('download')).map((a) => a.href));
    for (const link of links) {
      const url = new URL(link);
      url.hash = '';
      if (own(url) && !seen.has(kind(url))) waiting.push(url.href);
    }
  }
  return pages;
}

/** Whether an address is a page of the customers' side. */
export const ofPortal = (url) => url.origin === process.env.PUBLIC_ORIGIN && !url.pathname.includes('/files/');

/** Whether an address is a page of the console, of one company if it belongs to any. */
export const ofConsole = (company) => (url) =>
  url.origin === process.env.STAFF_ORIGIN &&
  (url.pathname.startsWith(`${company}/`) || !url.pathname.startsWith('/c/')) &&
  !url.pathname.includes('/files/') &&
  !url.pathname.endsWith('.json') &&
  !/\/mailbox\/[^/]+\/html$/.test(url.pathname);
