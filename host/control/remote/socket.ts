// A UDP socket of a stack that runs elsewhere, used as if it were of one's own: a DatagramSocket whose datagrams come and go over
// the stack's control socket. What has come waits here until it is received, and no more is asked for meanwhile.

import type { StackError } from "../../core/errors.js";
import type { OptionName } from "../../core/observe.js";
import type { Datagram, DatagramSocket } from "../../core/socket.js";
import type { ControlStream } from "../client.js";
import {
  controlError,
  DATAGRAM_COST_BYTES,
  LENT_WINDOW_BYTES,
  PIECE_BYTES,
  type LentEnd,
} from "../protocol.js";
import { remoteError } from "./errors.js";

export class RemoteSocket implements DatagramSocket {
  handle = 1;
  readonly protocol = "udp";
  readonly address: string;
  readonly port: number;
  readonly receiveBytes = LENT_WINDOW_BYTES;
  onReadable: (() => void) | null = null;
  onWritable: (() => void) | null = null;
  onError: ((error: StackError) => void) | null = null;
  onAbandoned: (() => void) | null = null;
  /** Resolves when nothing of it is under way any more. */
  readonly done: Promise<void>;
  #isDone!: () => void;
  readonly #stream: ControlStream<"bind">;
  readonly #arrived: Datagram[] = [];
  /** All that has come was received. */
  #emptied: (() => void) | null = null;
  /** Sent, and not taken by the stack's ring. */
  #underWay = 0;
  #blocked = false;

  constructor(stream: ControlStream<"bind">) {
    ({ address: this.address, port: this.port } = stream.first);
    this.#stream = stream;
    this.done = new Promise((resolve) => (this.#isDone = resolve));
  }

  /** Handlers that are set at once miss nothing. */
  begin(): void {
    void this.#run();
  }

  send(data: Uint8Array, port?: number, address?: string): boolean {
    if (this.handle === 0) throw remoteError("EBADF", { syscall: "send" });
    const cost = data.length + DATAGRAM_COST_BYTES;
    if (this.#underWay + cost > LENT_WINDOW_BYTES) {
      this.#blocked = true;
      return false;
    }
    const to = {
      ...(port === undefined ? {} : { port }),
      ...(address === undefined ? {} : { address }),
    };
    let at = 0;
    do {
      const piece = Buffer.from(data.subarray(at, at + PIECE_BYTES)).toString("base64");
      at += PIECE_BYTES;
      const rest = at < data.length ? { more: true } : to;
      this.#stream.input({ action: "send", bytes: piece, ...rest });
    } while (at < data.length);
    this.#underWay += cost;
    return true;
  }

  receive(): Datagram | null {
    const datagram = this.#arrived.shift() ?? null;
    if (datagram === null) this.#wake();
    return datagram;
  }

  connect(): void {
    throw controlError("ENOTSUP", "the peer of a socket elsewhere goes along with prepareSocket()");
  }

  setOption(option: OptionName): void {
    throw controlError("ENOTSUP", `${option}: options of a socket elsewhere go along, too`);
  }

  drain(): boolean {
    this.#blocked = this.#underWay > 0;
    return !this.#blocked;
  }

  close(): void {
    if (this.handle === 0) return;
    this.handle = 0;
    this.#wake();
    this.#stream.input({ action: "close" });
  }

  #wake(): void {
    this.#emptied?.();
    this.#emptied = null;
  }

  async #run(): Promise<void> {
    // Whoever has begun it sets its handlers first.
    await Promise.resolve();
    try {
      for await (const { datagrams, taken } of this.#stream.items()) {
        this.#take(taken);
        for (const { bytes, ...from } of datagrams)
          this.#arrived.push({ ...from, error: null, data: Buffer.from(bytes, "base64") });
        if (datagrams.length > 0 && this.handle !== 0) await this.#received();
      }
      this.#end(this.#stream.end);
    } catch (error) {
      const { code = "EIO", syscall = "recv" } = error as StackError;
      this.#fail(code, syscall);
    }
    this.#isDone();
  }

  #take(taken: number): void {
    this.#underWay -= taken;
    if (taken === 0 || !this.#blocked || this.handle === 0) return;
    this.#blocked = false;
    this.onWritable?.();
  }

  #received(): Promise<void> {
    return new Promise((resolve) => {
      this.#emptied = resolve;
      this.onReadable?.();
    });
  }

  #end(end: LentEnd | null): void {
    if (this.handle === 0) return;
    if (end?.error) {
      this.#fail(end.error.code, end.error.syscall);
      return;
    }
    this.handle = 0;
    this.onAbandoned?.();
  }

  #fail(code: string, syscall: string): void {
    if (this.handle === 0) return;
    this.handle = 0;
    this.onError?.(remoteError(code, { syscall }));
  }
}
