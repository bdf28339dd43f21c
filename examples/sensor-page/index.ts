// A module that is core and application in one: the exports of tiny, of which three are our own. The host needs to know
// nothing of the page: it calls what every pump calls, and writes the sensor's value into memory.

import {
  constant as coreConstant,
  initialise as coreInitialise,
  transmit as coreTransmit,
} from "../../assembly/index";
import { Constant } from "../../assembly/constants";
import { forget, SENSOR, serve } from "./page";

export {
  abort,
  accept,
  addressAdd,
  addressRemove,
  advance,
  close,
  commit,
  connect,
  consume,
  expire,
  interfaceConfigure,
  interfaceLink,
  interfaceRouter,
  listen,
  nextDeadline,
  nextEvent,
  receive,
  receiveSpan,
  seed,
  sendSpan,
  setOption,
  shutdown,
  takeEvents,
} from "../../assembly/index";

/** The core's constants, and behind them where the host writes the sensor's value: an i32 in tenths of a degree. */
export function constant(id: u32): u32 {
  return id == <u32>Constant.COUNT ? <u32>SENSOR : coreConstant(id);
}

export function initialise(): i32 {
  forget();
  return coreInitialise();
}

/** A pump comes by here whenever frames have come or timers have run: what the page has to do is done first. */
export function transmit(iface: u32): u32 {
  serve();
  return coreTransmit(iface);
}
