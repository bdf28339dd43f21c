// The boundary: what a host can call. No logic here; docs/abi.md explains each export.
// Arguments and results are u32/i32. A call that can fail returns -Errno. Times are in ms unless
// the name says otherwise. Addresses cross in addressBuffer(), in network order, 4 or 16 bytes.

export {
  abiVersion,
  initialise,
  entropyBuffer,
  seed,
  limit,
  staticEnd,
  addressRemove,
  interfaceLink,
} from "./stack";
export { addressBuffer, interfaceConfigure, interfaceRouter } from "./link/interface";
export { addressAdd, addressState } from "./ip/address";
export {
  rxBuffer,
  rxMetadata,
  receive,
  txBuffer,
  txMetadata,
  transmit,
  foreignEtherType,
} from "./frame";
export { advance, nextDeadline, expire } from "./clock";
export {
  listen,
  connect,
  accept,
  sendSpan,
  commit,
  receiveSpan,
  consume,
  spanPointer,
  shutdown,
  close,
  abort,
  status,
  takeError,
} from "./tcp/user";
export { setOption, getOption } from "./tcp/option";
export { nextEvent, takeEvents } from "./event";
export { infoBuffer, info, enumerate } from "./observe";
export { counter } from "./counter";
export { poolCapacity, poolUsed, poolHighWater } from "./pool";
export { traceNext, traceLost } from "./trace";
