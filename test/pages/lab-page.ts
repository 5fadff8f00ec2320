// The lab's page in Chromium, as a person uses it: fields, buttons, and files that are saved.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { type StaticServer, serve } from '../support/static-server.js';

/** Serves a site's folder. */
export function serveSite(
  folder: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StaticServer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const files = entries.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return { path: relative(folder, path).split(sep).join('/'), content: readFileSync(path) };
  });
  return serve(files, headers);
}

/** Fills in the fields of a form, by their labels, and sends it. */
export async function sendForm(
  page: Page,
  form: string,
  fields: Readonly<Record<string, number>>,
  button: string,
): Promise<void> {
  const within = page.getByRole('form', { name: form });
  for (const [label, value] of Object.entries(fields)) await within.getByLabel(label).fill(String(value));
  await within.getByRole('button', { name: button }).click();
}

/** Waits until the run that is shown has come to its end, and its results are written. */
export async function untilFinished(page: Page): Promise<void> {
  await untilDone(page, 1);
  await page.locator('.status').getByText('Finished').waitFor();
}

/** Waits until that much of the run that is shown is done. @throws Error with what it failed with. */
export async function untilDone(page: Page, share: number): Promise<void> {
  // The page is asked once: what polls it slows it down.
  const failure = await page.evaluate<string>(`new Promise((resolve) => {
    const look = () => {
      const failure = document.querySelector('.failure');
      const progress = document.querySelector('.status progress');
      if (failure === null && !(progress?.value >= ${share})) return;
      observer.disconnect();
      resolve(failure?.textContent ?? '');
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { subtree: true, childList: true, attributes: true });
    look();
  })`);
  if (failure !== '') throw new Error(failure);
}

/** Has the process of a tab end as by a fault of its own: nothing in it is asked or told. */
export async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  page.goto('chrome://crash').catch(() => {});
  await crashed;
  await page.close();
}

/** Saves the run that is shown, and unpacks it: its folder lies in `folder`. */
export async function saveRun(page: Page, folder: string): Promise<void> {
  const bytes = await saved(page, 'Download the run');
  for (const [name, content] of Object.entries(unzipSync(bytes))) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

/** What a button saves. */
export async function saved(page: Page, button: string): Promise<Uint8Array> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact: true }).click(),
  ]);
  return readFileSync(await download.path());
}
