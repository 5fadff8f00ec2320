// Headless Chromium for tests: the one that CHROMIUM names, or the one where distributions put it.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const usualPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executablePath = [process.env.CHROMIUM, ...usualPlaces].find(
  (path) => path !== undefined && path !== '' && existsSync(path),
);

/** Why there is no browser, where there is none. */
export const noBrowser =
  executablePath === undefined
    ? `no Chromium at ${usualPlaces.join(', ')}, and CHROMIUM names none`
    : undefined;

/** With `webgpu`, offers an adapter that computes on the processor, where Chromium was built with one. */
export function launchBrowser({ webgpu = false } = {}): Promise<Browser> {
  if (executablePath === undefined) throw new Error(noBrowser);
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(webgpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : []),
    ],
  });
}
