// From the server's events to the state of the page, in one tab of them all; the others are told by that one.
import { LIVE_EVENTS, type LiveEventName } from '../../src/live/messages.js';
import { printOffsets } from '../../src/live/offsets.js';
import type { Connection, LiveEvent, PageState } from './state.js';
import { type TabMessage, Tabs } from './tabs.js';

/** What goes from tab to tab: events, and whether the server answers. */
type Shared = LiveEvent | { readonly name: 'connection'; readonly data: Connection };

/** Until a connection that the browser has given up is tried again. */
const retryMs = 2_000;

/** Keeps `state` up to date; `changed` is called after each change. */
export function connect(state: PageState, changed: () => void): void {
  let source: EventSource | undefined;
  const channel = new BroadcastChannel('genonnx-live');

  const take = (event: Shared): void => {
    if (event.name === 'connection') state.connection = event.data;
    else {
      const missed = state.apply(event);
      if (missed !== undefined) {
        // The leader asks the server anew, the others ask the leader.
        if (tabs.isLeader) open();
        else tabs.want(missed);
      }
    }
    changed();
  };
  const told = (event: Shared): void => {
    take(event);
    tabs.share(event);
  };

  const close = (): void => {
    source?.close();
    source = undefined;
  };
  const open = (): void => {
    close();
    const own = new EventSource(`./events?after=${encodeURIComponent(printOffsets(state.offsets))}`);
    source = own;
    own.onopen = () => told({ name: 'connection', data: 'open' });
    own.onerror = () => {
      if (own.readyState !== EventSource.CLOSED) return told({ name: 'connection', data: 'lost' });
      // The server has answered with something else than a stream.
      void isRefused().then((refused) => {
        told({ name: 'connection', data: refused ? 'refused' : 'lost' });
        setTimeout(() => {
          if (tabs.isLeader && source === own) open();
        }, retryMs);
      });
    };
    for (const name of LIVE_EVENTS)
      own.addEventListener(name, ({ data }: MessageEvent<string>) => {
        if (source === own) told(parsed(name, data));
      });
  };

  const tabs = new Tabs<Shared>(channelOf(channel), {
    lead: open,
    follow: close,
    event: take,
    *tell(run) {
      if (run !== undefined) return yield* state.eventsOf(run);
      yield { name: 'connection', data: state.connection };
      if (state.isKnown) yield* state.events();
    },
  });
  addEventListener('pagehide', ({ persisted }) => {
    close();
    if (!persisted) tabs.leave();
  });
  // A page that comes back from the browser's memory has lost its connection.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted && tabs.isLeader) open();
  });
}

async function isRefused(): Promise<boolean> {
  try {
    return (await fetch('./events', { method: 'HEAD' })).status === 401;
  } catch {
    return false;
  }
}

/** The server and the page are of one version, as it is the server that sends the page. */
function parsed<Name extends LiveEventName>(name: Name, text: string): LiveEvent {
  return { name, data: JSON.parse(text) };
}

function channelOf(channel: BroadcastChannel) {
  const own = {
    onmessage: null as ((event: { readonly data: TabMessage<Shared> }) => void) | null,
    postMessage: (message: TabMessage<Shared>) => channel.postMessage(message),
    close: () => channel.close(),
  };
  channel.onmessage = ({ data }: MessageEvent<TabMessage<Shared>>) => own.onmessage?.({ data });
  return own;
}
