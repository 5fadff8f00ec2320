// Progress of long work on standard error: a bar with the time left on a terminal, a plain line now and then elsewhere.
import process from 'node:process';
import { say } from './output.js';

const barWidth = 24;
/** Milliseconds between plain lines. */
const plainIntervalMs = 15_000;
/** Milliseconds between redraws of the bar. */
const barIntervalMs = 200;

export interface Progress {
  /** `done` between 0 and 1. */
  update(done: number, note: string): void;
  /** Prints a line of its own. */
  line(text: string): void;
  end(): void;
}

export function startProgress(title: string): Progress {
  const isTerminal = process.stderr.isTTY === true;
  const startedAt = performance.now();
  let firstDone: number | undefined;
  let drawnAt = isTerminal ? Number.NEGATIVE_INFINITY : startedAt;
  const clear = (): void => {
    if (isTerminal) process.stderr.write('\r\x1b[2K');
  };
  return {
    update(done, note) {
      firstDone ??= done;
      const now = performance.now();
      if (now - drawnAt < (isTerminal ? barIntervalMs : plainIntervalMs)) return;
      drawnAt = now;
      const left = timeLeft(now - startedAt, firstDone, done);
      const share = `${Math.floor(done * 100)} %`;
      if (isTerminal) {
        const filled = Math.round(done * barWidth);
        const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
        process.stderr.write(`\r\x1b[2K${title} ${bar} ${share.padStart(5)}  ${note}${left}`);
      } else {
        say(`${title}: ${share}, ${note}${left}`);
      }
    },
    line(text) {
      clear();
      say(text);
    },
    end: clear,
  };
}

function timeLeft(elapsedMs: number, first: number, done: number): string {
  if (done - first < 0.005) return '';
  const seconds = (elapsedMs / 1000) * ((1 - done) / (done - first));
  return `, ${duration(seconds)} left`;
}

/** 75 -> `1 min 15 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
