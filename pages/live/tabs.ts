// One connection for all tabs of a browser, which allows six to a host: the tabs elect one that has it, and it hands on what it is
// sent. A tab that is new asks that one for all that it knows; when it closes or falls silent, another takes its place and goes on
// where it was.
//
// Election: a tab that hears nobody claims. Of two that claim, the one with the smaller name stays; the other gives way.

export interface Channel<Message> {
  postMessage(message: Message): void;
  onmessage: ((event: { readonly data: Message }) => void) | null;
  close(): void;
}

export type TabMessage<Event> =
  | { readonly type: 'ask'; readonly from: string }
  | { readonly type: 'lead'; readonly from: string }
  | { readonly type: 'bye'; readonly from: string }
  /** Of everything, or of one run. */
  | { readonly type: 'want'; readonly from: string; readonly run?: string }
  | { readonly type: 'told'; readonly to: string; readonly events: readonly Event[] }
  | { readonly type: 'event'; readonly from: string; readonly event: Event };

export interface TabHooks<Event> {
  /** This tab is to connect, and goes on from what it knows. */
  lead(): void;
  /** Another one does from here on. */
  follow(): void;
  /** What another tab was sent. */
  event(event: Event): void;
  /** Everything that this tab knows, or all of one run. */
  tell(run: string | undefined): Iterable<Event>;
}

/** How often a leader says that it is there, and after which silence another takes over. */
const aliveMs = 1_000;
const silenceMs = 3_000;
/** How long a new tab waits for an answer; a little more for some, so that not all claim at once. */
const answerMs = 250;
const spreadMs = 200;

export class Tabs<Event> {
  readonly #name = Math.random().toString(36).slice(2);
  #leader: string | undefined;
  #heardAt = performance.now();
  #timer: ReturnType<typeof setInterval>;
  #isNew = true;

  constructor(
    readonly channel: Channel<TabMessage<Event>>,
    readonly hooks: TabHooks<Event>,
  ) {
    channel.onmessage = ({ data }) => this.#hear(data);
    channel.postMessage({ type: 'ask', from: this.#name });
    setTimeout(
      () => {
        if (this.#leader === undefined) this.#claim();
      },
      answerMs + spreadMs * Math.random(),
    );
    this.#timer = setInterval(() => this.#beat(), aliveMs);
  }

  get isLeader(): boolean {
    return this.#leader === this.#name;
  }

  /** Hands on what the leader was sent. */
  share(event: Event): void {
    this.channel.postMessage({ type: 'event', from: this.#name, event });
  }

  /** Asks for all of a run, of which something was missed. */
  want(run: string): void {
    this.channel.postMessage({ type: 'want', from: this.#name, run });
  }

  /** Says that this tab closes. */
  leave(): void {
    clearInterval(this.#timer);
    if (this.isLeader) this.channel.postMessage({ type: 'bye', from: this.#name });
    this.channel.close();
  }

  #claim(): void {
    this.#leader = this.#name;
    this.#isNew = false;
    this.channel.postMessage({ type: 'lead', from: this.#name });
    this.hooks.lead();
  }

  #beat(): void {
    if (this.isLeader) this.channel.postMessage({ type: 'lead', from: this.#name });
    // A tab that slept hears at once what it has missed, so that it is the others' silence and not its own.
    else if (performance.now() - this.#heardAt > silenceMs * (1 + Math.random() / 4)) this.#claim();
  }

  #hear(message: TabMessage<Event>): void {
    switch (message.type) {
      case 'ask':
        if (this.isLeader) this.channel.postMessage({ type: 'lead', from: this.#name });
        return;
      case 'lead':
        this.#heardLeader(message.from);
        return;
      case 'bye':
        if (message.from !== this.#leader) return;
        this.#heardAt = performance.now() - silenceMs + spreadMs * Math.random();
        setTimeout(() => this.#beat(), 2 * spreadMs * Math.random() + spreadMs);
        return;
      case 'want':
        if (this.isLeader) {
          const events = [...this.hooks.tell(message.run)];
          this.channel.postMessage({ type: 'told', to: message.from, events });
        }
        return;
      case 'told':
        if (message.to === this.#name && !this.isLeader)
          for (const event of message.events) this.hooks.event(event);
        return;
      case 'event':
        this.#heardLeader(message.from);
        if (!this.isLeader) this.hooks.event(message.event);
    }
  }

  #heardLeader(from: string): void {
    if (this.isLeader && this.#name < from) {
      this.channel.postMessage({ type: 'lead', from: this.#name });
      return;
    }
    this.#heardAt = performance.now();
    const before = this.#leader;
    this.#leader = from;
    if (before === this.#name) this.hooks.follow();
    if (this.#isNew) {
      this.#isNew = false;
      this.channel.postMessage({ type: 'want', from: this.#name });
    }
  }
}
