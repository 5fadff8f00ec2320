// Small data folders made for one test each, and the assertion that a failure is typed and speaks.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { printIdx } from '../../datasets/idx.js';
import { type ErrorCode, GenonnxError } from '../../graphs/errors.js';

/** A temporary folder with these files, removed when the test ends. */
export async function folderWith(files: Record<string, Uint8Array | string>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'genonnx-data-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return path;
}

/** A valid idx folder: three training and two test images of 2x2 pixels, labels up to 2. */
export function idxFiles(): Record<string, Uint8Array> {
  const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => i);
  return {
    'train-images-idx3-ubyte': printIdx({ shape: [3, 2, 2], data: bytes(12) }),
    'train-labels-idx1-ubyte': printIdx({ shape: [3], data: bytes(3) }),
    't10k-images-idx3-ubyte': printIdx({ shape: [2, 2, 2], data: bytes(8) }),
    't10k-labels-idx1-ubyte': printIdx({ shape: [2], data: bytes(2) }),
  };
}

/** A valid folder of texts: 10, 4 and 3 tokens over 8 words. */
export function textFiles(): Record<string, string> {
  return {
    'train.txt': 'the cat sat on the mat\nthe cat\n',
    'valid.txt': 'a cat sat\n',
    'test.txt': 'a dog\n',
  };
}

/** Expects a typed error of this code whose message has all four parts, or matches `parts` instead. */
export async function expectRefusal(
  work: () => unknown,
  code: ErrorCode,
  parts: RegExp = /where: .*expected: .*found: .*cure: /s,
): Promise<void> {
  let thrown: unknown;
  try {
    await work();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(GenonnxError);
  expect(thrown).toMatchObject({ code, exitCode: 2, message: expect.stringMatching(parts) });
}
