// What every page is held to: axe finds nothing, the page does not scroll sideways, the browser has nothing to complain
// about (errors, blocked by the Content-Security-Policy, missing files). Also how screenshots are named.
import { readFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from '@playwright/test';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screens = process.env.SCREENS_DIR ?? join(new URL('.', import.meta.url).pathname, '../../target/screens');
mkdirSync(screens, { recursive: true });

/** Widths and schemes every page is looked at in. */
export const VIEWS = [
  { width: 360, height: 740, scheme: 'light' },
  { width: 360, height: 740, scheme: 'dark' },
  { width: 1280, height: 800, scheme: 'light' },
  { width: 1280, height: 800, scheme: 'dark' },
];

/** A context that looks at pages this way. */
export async function look(browser, view, options = {}) {
  return browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.scheme,
    reducedMotion: 'reduce',
    ...options,
  });
}

/** Keeps what the browser complains about; `allow` are statuses of pages that are errors on purpose. */
export function listen(page) {
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' && !/Content.Security.Policy/i.test(message.text())) return;
    // The document's own status is the test's business; files it loads are not allowed to fail.
    const own = message.location().url === page.url() && /status of 4\d\d/.test(message.text());
    if (!own) complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (!/ERR_ABORTED/.test(reason)) complaints.push(`request: ${request.url()} ${reason}`);
  });
  return complaints;
}

/** Words that a clipping box cuts off, where neither scrolling nor an ellipsis was meant. Runs in the page. */
function cutOff() {
  const found = [];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode.textContent.trim();
    if (!text) continue;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    for (let around = words.currentNode.parentElement; around; around = around.parentElement) {
      const style = getComputedStyle(around);
      const meant = style.textOverflow === 'ellipsis' || style.clipPath !== 'none' || /auto|scroll/.test(style.overflowX)
        || style.position === 'fixed' || (style.webkitLineClamp ?? 'none') !== 'none';
      if (meant) break;
      if (!/clip|hidden/.test(style.overflowX)) continue;
      const edge = around.getBoundingClientRect();
      if (box.right > edge.right + 1 || box.left < edge.left - 1) found.push(text.slice(0, 60));
      break;
    }
  }
  return found;
}

/** Holds the page to what one sees: nothing scrolls sideways, no words are cut off. Takes its picture. */
export async function sight(page, area, name, view) {
  const at = `${area} ${name} at ${view.width}px ${view.scheme} (${page.url()})`;
  const { wide, most } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    most: document.documentElement.clientWidth,
  }));
  expect.soft(wide, `${at} scrolls sideways`).toBeLessThanOrEqual(most);
  expect.soft(await page.evaluate(cutOff), `${at} cuts words off`).toEqual([]);
  await page.screenshot({ path: join(screens, `${area}-${name}-${view.width}-${view.scheme}.png`), fullPage: true });
}

/** Holds the page as it stands to all rules, and takes its picture. */
export async function examine(page, area, name, view, complaints) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const broken = found.violations.map(({ id, help, nodes }) =>
    `${id}: ${help}\n${nodes.slice(0, 4).map((node) => `    ${node.target.join(' ')}  ${node.html.slice(0, 160)}\n      ${node.any.concat(node.all).map((check) => check.message).join('; ')}`).join('\n')}`);
  const at = `${area} ${name} at ${view.width}px ${view.scheme} (${page.url()})`;
  expect.soft(broken, `axe on ${at}`).toEqual([]);
  await sight(page, area, name, view);
  expect.soft(complaints.splice(0), `the browser complains about ${at}`).toEqual([]);
}

/** Signs a customer's browser in by a portal link, as a person with scripts does: the page continues by itself. */
export async function openPortal(page, link = process.env.PORTAL_LINK) {
  await page.goto(link);
  await page.waitForURL((url) => !url.pathname.includes('/l/'));
  await expect(page.getByRole('link', { name: 'My Jobs' }).first()).toBeVisible();
}

/** The name of the company the sample link belongs to. */
export const COMPANY = 'Summit Heating & Air';
