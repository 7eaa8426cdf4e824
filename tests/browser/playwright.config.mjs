// How the browser tests run: one installed Chromium, one demo for all of them, no downloads, nothing in parallel
// that would make a slow machine flaky. `cargo xtask test` sets CHROMIUM, HOST_HARNESS_BIN and PORTAL_COMPONENT.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.mjs',
  outputDir: '../../target/browser',
  globalSetup: './demo.mjs',
  fullyParallel: false,
  workers: 1,
  retries: 0,
  // Long, because some tests walk every page four times; not a measure of speed.
  timeout: 15 * 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    locale: 'en-US',
    timezoneId: 'America/Denver',
    trace: 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
