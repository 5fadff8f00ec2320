import { describe, expect, it } from 'vitest';
import { waitForRoom } from '../../../src/library/wait-for-room.js';
import { asUnwritable } from '../../../src/runs/file-errors.js';

const failing = (code: string): unknown =>
  asUnwritable(Object.assign(new Error(code), { code }), '/store/run');

describe('waitForRoom', () => {
  const watch = () => {
    const controller = new AbortController();
    const notes: string[] = [];
    const onNote = (text: string): void => {
      notes.push(text);
    };
    return { controller, notes, options: { signal: controller.signal, onNote, againMs: 1 } };
  };

  it.each(['ENOSPC', 'EDQUOT'])('tries again as long as it is %s, and says so once', async (code) => {
    const { notes, options } = watch();
    let tries = 0;
    const isDone = await waitForRoom(async () => {
      tries += 1;
      if (tries < 4) throw failing(code);
    }, options);
    expect(isDone).toBe(true);
    expect(tries).toBe(4);
    expect(notes).toEqual(['/store/run: the disk is full; waits until there is room']);
  });

  it('waits for nothing else', async () => {
    const { notes, options } = watch();
    const refused = failing('EACCES');
    await expect(
      waitForRoom(async () => {
        throw refused;
      }, options),
    ).rejects.toBe(refused);
    expect(notes).toEqual([]);
  });

  it('ends where it is stopped', async () => {
    const { controller, options } = watch();
    const isDone = await waitForRoom(
      async () => {
        controller.abort();
        throw failing('ENOSPC');
      },
      { ...options, againMs: 60_000 },
    );
    expect(isDone).toBe(false);
  });
});
