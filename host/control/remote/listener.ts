// A listener of a stack that runs elsewhere: connections come as items of a call that goes on.

import type { Connection, Listener } from "../../core/connection.js";
import type { ConnectionInfo, OptionName } from "../../core/observe.js";
import type { ControlStream } from "../client.js";
import { controlError, type Endpoints } from "../protocol.js";

type OnConnection = (connection: Connection) => void;
type Take = (number: number, known: Endpoints) => Connection;

export class RemoteListener implements Listener {
  handle = 1;
  readonly address: string;
  readonly port: number;
  onAbandoned: (() => void) | null = null;
  readonly #stream: ControlStream<"listen">;
  readonly #take: Take;

  constructor(stream: ControlStream<"listen">, take: Take) {
    ({ address: this.address, port: this.port } = stream.first);
    this.#stream = stream;
    this.#take = take;
  }

  begin(onConnection: OnConnection): void {
    void this.#run(onConnection);
  }

  async #run(onConnection: OnConnection): Promise<void> {
    try {
      for await (const { connections } of this.#stream.items()) {
        for (const { connection, ...known } of connections) {
          if (this.handle !== 0) onConnection(this.#take(connection, known));
        }
      }
    } catch {
      // The stack has gone, and says so to everybody who uses it.
    }
    if (this.handle === 0) return;
    this.handle = 0;
    this.onAbandoned?.();
  }

  setOption(option: OptionName): void {
    throw controlError("ENOTSUP", `${option}: options of a listener elsewhere go with listen()`);
  }

  getOption(option: OptionName): number {
    throw controlError("ENOTSUP", `${option}: a listener elsewhere is not asked for options`);
  }

  info(): ConnectionInfo | null {
    return null;
  }

  close(): void {
    if (this.handle === 0) return;
    this.handle = 0;
    this.#stream.cancel();
  }
}
