// Frames of a stack that runs, over its control socket, as its links give and take them.

import { openStream } from "../../control/client.js";
import { controlFolder } from "../../control/place.js";
import type { FrameItem } from "../../control/protocol.js";
import { codeOf, CommandError } from "../exit.js";
import type { FrameSource, SeenFrame } from "./source.js";

export async function openStackSource(
  name: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<FrameSource> {
  const { client, stream } = await openStream(name, controlFolder(env), "frames", {});
  const stack = client.greeting.name;
  const gone = (cause?: unknown) =>
    new CommandError("ECONNRESET", `the stack ${stack} has gone`, undefined, { cause });
  let dropped = 0;
  let isClosed = false;

  return {
    name: `the stack ${stack}`,
    isLive: true,
    lostBy: "the stack",
    async *pieces() {
      try {
        for await (const item of stream.items()) {
          ({ dropped } = item);
          yield item.frames.map(frameOf);
        }
      } catch (error) {
        if (codeOf(error) !== "ECONNRESET") throw error;
        if (!isClosed) throw gone(error);
      } finally {
        dropped = stream.end?.dropped ?? dropped;
        client.close();
      }
      if (stream.end?.reason === "closed") throw gone();
    },
    lost: () => dropped,
    close() {
      isClosed = true;
      stream.cancel();
    },
  };
}

function frameOf({ timeUs, direction, length, bytes }: FrameItem): SeenFrame {
  return { timeUs, direction, length, bytes: Buffer.from(bytes, "base64") };
}
