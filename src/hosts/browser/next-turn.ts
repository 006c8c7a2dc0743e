/** Resolves in a later task. A message is not clamped to 4 ms as nested timers are. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const arrived = (): void => {
      port1.close();
      resolve();
    };
    port1.addEventListener("message", arrived, { once: true });
    // Without `onmessage` a port must be started.
    port1.start();
    port2.postMessage(undefined);
  });
}
