// How a worker that calculates lets messages in.

/** Resolves once messages that have arrived are dealt with: timers would wait for milliseconds. */
export function nextTurn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
