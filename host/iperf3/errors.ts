// What goes wrong between two iperf3: an error of Node's shape that says what the other side did.

/** `code`: EPROTO (it does not speak iperf3, or not well), EBUSY, ETIMEDOUT, ECONNRESET ... */
export class Iperf3Error extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The other side breaks the protocol. */
export const foreign = (what: string): Iperf3Error => new Iperf3Error("EPROTO", what);
