// The epochs of a search in full, asked for when they are shown and then as they are added.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DrawnCells, EpochDetail } from '../../src/live/messages.js';
import type { KnownRun } from './state.js';

export function useEpochDetails({ info, epochs, generation }: KnownRun): readonly EpochDetail[] {
  const [details, setDetails] = useState<readonly EpochDetail[]>([]);
  const known = useRef({ of: '', count: 0, isAsking: false });
  const of = `${info.id}.${generation}`;
  useEffect(() => {
    if (known.current.of !== of) {
      known.current = { of, count: 0, isAsking: false };
      setDetails([]);
    }
    const own = known.current;
    if (own.isAsking || own.count >= epochs) return;
    own.isAsking = true;
    ask<EpochDetail[]>(`./runs/${info.id}/epochs?from=${own.count}`).then(
      (added) => {
        own.isAsking = false;
        if (known.current !== own || added.length === 0) return;
        setDetails((before) => [...before.slice(0, own.count), ...added]);
        own.count += added.length;
      },
      // The server is gone: it is asked again with the next epoch.
      () => {
        own.isAsking = false;
      },
    );
  }, [of, info.id, epochs]);
  return details;
}

const drawings = new Map<string, Promise<DrawnCells>>();

/** The cells of a genotype, drawn by the server once. */
export function drawCells(genotype: string): Promise<DrawnCells> {
  const known = drawings.get(genotype);
  if (known !== undefined) return known;
  const drawing = ask<DrawnCells>(`./cells?genotype=${encodeURIComponent(genotype)}`);
  drawings.set(genotype, drawing);
  drawing.catch(() => drawings.delete(genotype));
  return drawing;
}

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
