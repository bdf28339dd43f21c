// STATUS of interface tcp (RFC 9293 section 3.10.6): what the records of connections and listeners say.

import { Constant, Errno, State } from "../../assembly/constants";
import * as core from "./generated/core";
import { addressIn, ENDPOINT_BYTES, putEndpoint } from "./address";
import { answer, failure, field } from "./canonical";
import { read16, read32, read8 } from "./coreMemory";
import { addressAt, listenerOf, tcbOf } from "./handle";

// Where the fields of a connection-info lie: behind the case of the result.
const STATE: usize = 4;
const LOCAL: usize = STATE + 2;
const REMOTE: usize = LOCAL + ENDPOINT_BYTES;
const ERROR_CODE: usize = REMOTE + ENDPOINT_BYTES;
const VARIABLES: usize = ERROR_CODE + 2;
const SEND_QUEUE: usize = VARIABLES + 40;
const RECEIVE_QUEUE: usize = SEND_QUEUE + 4;
const END: usize = RECEIVE_QUEUE + 4;

export function info(handle: u32): usize {
  memory.fill(field(0), 0, END);
  const tcb = tcbOf(handle);
  if (tcb != 0) {
    ofConnection(tcb);
    return answer();
  }
  const listener = listenerOf(handle);
  if (listener == 0) return failure(-Errno.EBADF);
  ofListener(listener);
  return answer();
}

function ofListener(at: u32): void {
  store<u8>(field(STATE), State.LISTEN);
  putEndpoint(
    field(LOCAL),
    localAddress(read8(at + core.LISTENER_ADDRESS)),
    read16(at + core.LISTENER_PORT),
  );
  store<u32>(field(SEND_QUEUE), read16(at + core.LISTENER_QUEUED));
}

function ofConnection(at: u32): void {
  const remote = addressIn(at - constantAddressBytes());
  store<u8>(field(STATE), read8(at + core.TCB_STATE));
  putEndpoint(
    field(LOCAL),
    localAddress(read8(at + core.TCB_ADDRESS)),
    read16(at + core.TCB_LOCAL_PORT),
  );
  putEndpoint(field(REMOTE), remote, read16(at + core.TCB_REMOTE_PORT));
  const error = read8(at + core.TCB_ERROR);
  if (error != 0) store<u16>(field(ERROR_CODE), 1 | ((error - 1) << 8));
  put(0, read32(at + core.TCB_ISS));
  put(1, read32(at + core.TCB_IRS));
  put(2, read32(at + core.TCB_SND_UNA));
  put(3, read32(at + core.TCB_SND_NXT));
  put(4, read32(at + core.TCB_SND_WND));
  put(5, read32(at + core.TCB_RCV_NXT));
  put(6, <u32>max(0, <i32>(read32(at + core.TCB_RCV_ADV) - read32(at + core.TCB_RCV_NXT))));
  put(7, read32(at + core.TCB_CWND));
  put(8, read32(at + core.TCB_SSTHRESH));
  put(9, read32(at + core.TCB_SRTT_US));
  store<u32>(field(SEND_QUEUE), sendQueue(at));
  store<u32>(field(RECEIVE_QUEUE), receiveQueue(at));
}

function put(i: u32, value: u32): void {
  store<u32>(field(VARIABLES) + 4 * i, value);
}

function constantAddressBytes(): u32 {
  return core.constant(Constant.ADDRESS_BYTES);
}

/** The address of a number in a record; 0: any. */
function localAddress(i: u32): u32 {
  return i == core.READING_ANY_ADDRESS ? 0 : addressIn(addressAt(i) + core.ADDRESS_BYTES);
}

/** A FIN of ours counts among the numbers, and not among the bytes. */
function sendQueue(at: u32): u32 {
  if (read16(at + core.TCB_SEND_RING) == core.READING_NO_RING) return 0;
  const queued = max(0, <i32>(read32(at + core.TCB_SND_END) - read32(at + core.TCB_SND_UNA)));
  return min(<u32>queued, core.constant(Constant.SEND_RING_BYTES));
}

/** The peer's FIN counts among the numbers, and not among the bytes. */
function receiveQueue(at: u32): u32 {
  if (read16(at + core.TCB_RECEIVE_RING) == core.READING_NO_RING) return 0;
  const fin: u32 = hadFin(read8(at + core.TCB_STATE)) ? 1 : 0;
  return read32(at + core.TCB_RCV_NXT) - fin - read32(at + core.TCB_RCV_READ);
}

/** States that only a FIN of the peer leads to; CLOSED: the connection was synchronized. */
function hadFin(state: u32): bool {
  switch (state) {
    case State.CLOSED:
    case State.CLOSE_WAIT:
    case State.CLOSING:
    case State.LAST_ACK:
    case State.TIME_WAIT:
      return true;
    case State.LISTEN:
    case State.SYN_SENT:
    case State.SYN_RECEIVED:
    case State.ESTABLISHED:
    case State.FIN_WAIT_1:
    case State.FIN_WAIT_2:
      return false;
  }
  return false;
}
