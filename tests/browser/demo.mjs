// Starts one demo on free ports with a data folder of its own, signs a member of staff in with the printed one-time link,
// and leaves the addresses in the environment for the tests. Stopped with SIGTERM, whose exit status must be 0.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from '@playwright/test';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');

/** Starts the host and waits for the three lines it prints when it is ready. */
async function start(folder) {
  const host = process.env.HOST_HARNESS_BIN ?? join(root, 'target/debug/host-harness');
  const component = process.env.PORTAL_COMPONENT ?? join(root, 'target/wasm32-wasip2/release/customer_portal.wasm');
  const child = spawn(
    host,
    [
      'demo', '--plugin', component, '--data-dir', join(folder, 'data'), '--port', '0', '--public-port', '0',
      '--company', join(root, 'demo/summit'), '--company', join(root, 'demo/brook'),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const lines = await new Promise((ready, failed) => {
    const read = (text) => {
      output += text;
      const line = (label) => output.match(new RegExp(`^${label}\\s+(http\\S+)`, 'm'))?.[1];
      const found = { staff: line('Staff console'), portal: line('Customer portal'), mailbox: line('Mailbox') };
      if (found.staff && found.portal && found.mailbox) ready(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', (text) => { output += text; });
    child.on('error', failed);
    child.on('exit', (code) => failed(new Error(`the demo ended with ${code}:\n${output}`)));
    setTimeout(() => failed(new Error(`the demo printed no three lines:\n${output}`)), 180_000).unref();
  });
  child.removeAllListeners('exit');
  return { child, ...lines };
}

export default async function setUp(config) {
  const folder = mkdtempSync(join(tmpdir(), 'browser-tests-'));
  const demo = await start(folder);
  process.env.STAFF_ORIGIN = new URL(demo.staff).origin;
  process.env.PUBLIC_ORIGIN = new URL(demo.portal).origin;
  process.env.PORTAL_LINK = demo.portal;
  process.env.MAILBOX = demo.mailbox;
  process.env.STAFF_STATE = join(folder, 'staff.json');

  // A new user's very first step: the printed link, opened in a browser.
  const browser = await chromium.launch(config.projects[0].use.launchOptions);
  const page = await browser.newPage();
  await page.goto(demo.staff);
  await page.getByRole('link', { name: 'Customers' }).first().waitFor();
  await page.context().storageState({ path: process.env.STAFF_STATE });
  await browser.close();

  return async () => {
    const ended = new Promise((done) => demo.child.on('exit', (code, signal) => done({ code, signal })));
    demo.child.kill('SIGTERM');
    const { code, signal } = await ended;
    rmSync(folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`after SIGTERM the demo ended with ${code ?? signal}, not 0`);
  };
}
