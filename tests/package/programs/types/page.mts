// A page's program: types of the web, none of Node's.

import { createStack, MemoryLink, type Stack, type StreamSocket } from "motetcp/browser";

export async function start(module: Response): Promise<Stack> {
  const stack = await createStack({ wasm: module, link: MemoryLink.pair()[0] });
  const socket: StreamSocket = stack.connect({ hostname: "198.18.0.1", port: 7 });
  const writer: WritableStreamDefaultWriter<Uint8Array> = socket.writable.getWriter();
  await writer.write(new Uint8Array(1));
  return stack;
}
