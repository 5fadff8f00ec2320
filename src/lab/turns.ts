// The runtime for browsers keeps its thread while it runs a step, and a loop of steps never lets messages in. Here each step first
// lets pass what has arrived.
import type { Channel } from '../engines/ort/channel.js';

/** The same channel, which lets messages in before each run. */
export function takingTurns(channel: Channel, turn: () => Promise<void>): Channel {
  return {
    ask: async (request) => {
      if (request.kind === 'run') await turn();
      return channel.ask(request);
    },
    close: () => channel.close(),
  };
}
