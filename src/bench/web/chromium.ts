// Chromium, found on this machine and started without a window. Anything that is Chromium will do, Chrome and Edge too: it
// is their engine that is measured.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type Browser, chromium } from 'playwright-core';
import { GenonnxError } from '../../errors.js';

/** What is asked of the machine, so that tests bring their own. */
export interface BrowserHost {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  exists(path: string): boolean;
  /** Where `npx playwright-core install chromium` would have put one. */
  readonly downloaded: string | undefined;
}

export function thisBrowserHost(): BrowserHost {
  return {
    environment: process.env,
    platform: process.platform,
    exists: existsSync,
    downloaded: downloadedPlace(),
  };
}

/** Playwright throws where it knows of no build for the system. */
function downloadedPlace(): string | undefined {
  try {
    return chromium.executablePath() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * The path of the browser: the one that CHROMIUM names and no other, or else the first at the usual places.
 * @throws GenonnxError `engine` where there is none.
 */
export function findChromium(host: BrowserHost = thisBrowserHost()): string {
  const named = host.environment.CHROMIUM;
  if (named !== undefined && named !== '') {
    if (host.exists(named)) return named;
    throw new GenonnxError('engine', 'There is no browser where CHROMIUM says.', {
      where: `CHROMIUM=${named}`,
      expected: 'the path of Chromium, Chrome or Edge',
      found: 'no file',
      cure: 'Correct CHROMIUM, or unset it to have the usual places searched.',
    });
  }
  const searched = [...usualPlaces(host), ...(host.downloaded === undefined ? [] : [host.downloaded])];
  const found = searched.find((path) => host.exists(path));
  if (found !== undefined) return found;
  throw new GenonnxError('engine', 'The providers of the web need Chromium, and there is none.', {
    expected: `a browser at ${searched.join(', ')}`,
    found: 'nothing at any of these places',
    cure: 'Install Chromium or Chrome, or name the browser: CHROMIUM=/path/to/chrome genonnx bench ...',
  });
}

function usualPlaces({ platform, environment }: BrowserHost): string[] {
  if (platform === 'darwin') {
    return ['Chromium', 'Google Chrome', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (platform === 'win32') {
    const roots = [environment.PROGRAMFILES, environment['PROGRAMFILES(X86)'], environment.LOCALAPPDATA];
    return roots.flatMap((root) =>
      root === undefined
        ? []
        : ['Chromium', 'Google\\Chrome', 'Microsoft\\Edge'].map((folder) =>
            join(root, folder, 'Application', folder.endsWith('Edge') ? 'msedge.exe' : 'chrome.exe'),
          ),
    );
  }
  return [
    ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'].map(
      (name) => `/usr/bin/${name}`,
    ),
    '/snap/bin/chromium',
  ];
}

/** `none` needs no GPU. `hardware` offers what GPU there is, `software` an adapter that computes on the processor. */
export type Graphics = 'none' | 'hardware' | 'software';

export interface LaunchOptions {
  readonly graphics: Graphics;
}

export type Launch = (options: LaunchOptions) => Promise<Browser>;

/**
 * A browser of its own, with a fresh profile. Playwright turns off what would disturb a measurement or ask the network:
 * throttling of pages that nobody sees, updates, synchronisation, reports.
 * @throws GenonnxError `engine` where there is none, or it does not start.
 */
export const launchChromium: Launch = async ({ graphics }) => {
  const executablePath = findChromium();
  try {
    // Without the sandbox, as Playwright does by default: it needs a privilege that containers and some distributions
    // withhold, and the only page that is opened is our own.
    return await chromium.launch({ executablePath, headless: true, args: [...graphicsFlags(graphics)] });
  } catch (error) {
    throw new GenonnxError(
      'engine',
      'Chromium does not start.',
      {
        where: executablePath,
        found: (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '',
        cure: 'See whether it starts by hand with --headless, or name another with CHROMIUM.',
      },
      { cause: error },
    );
  }
};

function graphicsFlags(graphics: Graphics): readonly string[] {
  switch (graphics) {
    case 'none':
      return ['--disable-gpu'];
    case 'software':
      return ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
    case 'hardware':
      // On Linux, WebGPU needs Vulkan, which Chromium does not use of its own accord, and no surface to draw on.
      return [
        '--enable-unsafe-webgpu',
        '--ignore-gpu-blocklist',
        ...(process.platform === 'linux'
          ? ['--enable-features=Vulkan', '--use-angle=vulkan', '--disable-vulkan-surface']
          : []),
      ];
  }
}
