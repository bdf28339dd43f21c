// Tests on a stack that runs elsewhere: they run where it is, and what happens is heard here.

import type { StreamCalls } from "../../control/protocol.js";
import type { RemoteStack } from "../../control/remote/stack.js";
import { errorFrom, hearingEvents, type TestHandlers } from "../../iperf3/events.js";
import type { Going } from "./going.js";
import type { ClientCommand, ServerCommand } from "./options.js";

export function measureElsewhere(
  remote: RemoteStack,
  { port, settings, intervalMs, connectMs }: ClientCommand,
  address: string,
  handlers: TestHandlers,
): Promise<Going> {
  const place = { role: "client", address, port } as const;
  return begin(remote, { ...place, intervalMs, connectMs, ...settings }, handlers);
}

export function serveElsewhere(
  remote: RemoteStack,
  { host, port, intervalMs, once }: ServerCommand,
  handlers: TestHandlers,
): Promise<Going> {
  const place = { role: "server", port, ...(host === undefined ? {} : { address: host }) } as const;
  return begin(remote, { ...place, intervalMs, once }, handlers);
}

async function begin(
  { control }: RemoteStack,
  args: StreamCalls["iperf3"]["args"],
  handlers: TestHandlers,
): Promise<Going> {
  const stream = await control.stream("iperf3", args);
  const hear = hearingEvents(handlers);

  async function listen(): Promise<void> {
    for await (const { event } of stream.items()) hear(event);
    const error = errorFrom(stream.end?.error ?? null);
    if (error !== null) throw error;
  }

  const over = listen();
  // Nobody may be waiting yet when it fails.
  over.catch(() => undefined);
  return { over, end: () => stream.cancel() };
}
