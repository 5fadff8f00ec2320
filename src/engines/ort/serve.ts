// Carries requests out on a host, whichever thread it lives on.
import type { OrtHost } from './host.js';
import type { Envelope, Replies, Reply, Request } from './messages.js';

export async function serve(host: OrtHost, request: Request): Promise<Replies[Request['kind']]> {
  switch (request.kind) {
    case 'createState':
      return host.createState(request.layout);
    case 'readState':
      return host.readState(request.state, request.name);
    case 'writeState':
      host.writeState(request.state, request.name, request.data);
      return undefined;
    case 'load':
      return host.load(request.session, request.state);
    case 'run':
      return host.run(request.session, request.feeds);
    case 'unload':
      await host.unload(request.session);
      return undefined;
  }
}

/** What a thread answers to a message. Never rejects. */
export async function answerEnvelope(host: OrtHost, { id, request }: Envelope): Promise<Reply> {
  try {
    return { id, value: await serve(host, request) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
