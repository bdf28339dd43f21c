// The boundary: what a host can call. No logic here; docs/abi.md explains each export.
// Arguments and results are u32/i32. A call that can fail returns -Errno. Times are in ms unless
// the name says otherwise. Addresses cross in ADDRESS_BUFFER, in network order, 4 or 16 bytes.
// What only tells is no call: hosts read it from memory.

export { constant } from "./memory";
export { initialise, seed, addressRemove, interfaceLink } from "./stack";
export { interfaceConfigure, interfaceRouter } from "./link/interface";
export { addressAdd } from "./ip/address";
export { receive, transmit } from "./frame";
export { advance, nextDeadline, expire } from "./clock";
export { listen, connect, accept, shutdown } from "./tcp/user";
export { sendSpan, commit, receiveSpan, consume, close, abort, nextEvent } from "./calls";
export { setOption } from "./tcp/option";
export { takeEvents } from "./event";
