// What the library exports. Names are INTERFACE$function here; tools/lib/component/names.mjs makes those of the component
// model of them, which no identifier can be.

export { realloc as cabi_realloc } from "./canonical";
export { version as about$version } from "./about";
export { initialise as lifecycle$initialise, seed as lifecycle$seed } from "./lifecycle";
export {
  advance as time$advance,
  deadline as time$deadline,
  expire as time$expire,
} from "./lifecycle";
export {
  configure as network$configure,
  setLink as network$setLink,
  setRouter as network$setRouter,
  addAddress as network$addAddress,
  removeAddress as network$removeAddress,
  state as network$state,
} from "./network";
export { receive as frames$receive, transmit as frames$transmit } from "./network";
export {
  listen as tcp$listen,
  accept as tcp$accept,
  connect as tcp$connect,
  room as tcp$room,
  write as tcp$write,
  writeUrgent as tcp$writeUrgent,
  read as tcp$read,
  peek as tcp$peek,
  discard as tcp$discard,
  shutdown as tcp$shutdown,
  close as tcp$close,
  abort as tcp$abort,
  info as tcp$info,
} from "./tcp";
export {
  bind as udp$bind,
  localPort as udp$localPort,
  connect as udp$connect,
  send as udp$send,
  receive as udp$receive,
  join as udp$join,
  leave as udp$leave,
  close as udp$close,
} from "./udp";
export { next as events$next, take as events$take } from "./events";
export { set as options$set, get as options$get } from "./events";
export {
  pools as inspect$pools,
  counters as inspect$counters,
  constant as inspect$constant,
  readMemory as inspect$readMemory,
} from "./inspect";
