// All scenarios, in reading order: adding one is adding a file and a row.

import { abort } from "./closing/abort.js";
import { closeWaitLeak } from "./closing/closeWaitLeak.js";
import { fourSegmentClose } from "./closing/fourSegmentClose.js";
import { halfClose } from "./closing/halfClose.js";
import { helloService } from "./closing/helloService.js";
import { simultaneousClose } from "./closing/simultaneousClose.js";
import { threeSegmentClose } from "./closing/threeSegmentClose.js";
import { timeWait } from "./closing/timeWait.js";
import { acknowledging } from "./data/acknowledging.js";
import { flags } from "./data/flags.js";
import { halfOpen } from "./data/halfOpen.js";
import { heartbeat } from "./data/heartbeat.js";
import { keepAlive } from "./data/keepAlive.js";
import { retransmission } from "./data/retransmission.js";
import { slowReader } from "./data/slowReader.js";
import { worked } from "./data/worked.js";
import { capture } from "./looking/capture.js";
import { controlBlock } from "./looking/controlBlock.js";
import { graphicalClient } from "./looking/graphicalClient.js";
import { netstat } from "./looking/netstat.js";
import { firstData } from "./opening/firstData.js";
import { fourSegments } from "./opening/fourSegments.js";
import { handshake } from "./opening/handshake.js";
import { initialNumbers } from "./opening/initialNumbers.js";
import { lostAck } from "./opening/lostAck.js";
import { oldDuplicate } from "./opening/oldDuplicate.js";
import { options } from "./opening/options.js";
import { refused } from "./opening/refused.js";
import { selfConnect } from "./opening/selfConnect.js";
import { simultaneousOpen } from "./opening/simultaneousOpen.js";
import { synFlood } from "./opening/synFlood.js";
import type { Family, Scenario } from "./scenario.js";

export const scenarios: readonly Scenario[] = [
  handshake,
  firstData,
  fourSegments,
  oldDuplicate,
  simultaneousOpen,
  selfConnect,
  lostAck,
  options,
  initialNumbers,
  synFlood,
  refused,
  worked,
  acknowledging,
  retransmission,
  slowReader,
  flags,
  keepAlive,
  heartbeat,
  halfOpen,
  fourSegmentClose,
  threeSegmentClose,
  halfClose,
  simultaneousClose,
  timeWait,
  helloService,
  closeWaitLeak,
  abort,
  netstat,
  capture,
  controlBlock,
  graphicalClient,
];

export interface FamilyText {
  readonly family: Family;
  readonly title: string;
  /** What connects its scenarios. */
  readonly about: string;
}

/** Families in reading order. */
export const families: readonly FamilyText[] = [
  {
    family: "opening",
    title: "Opening",
    about:
      "A connection begins with two hosts agreeing on where each of them starts to count. Everything here follows " +
      "from that: why it takes three segments, what happens when some of them are late, lost or forged, and how " +
      "little a server needs to keep until it knows that somebody is there.",
  },
  {
    family: "data",
    title: "Data",
    about:
      "Now bytes flow, each with a number. The receiver says up to which number it has everything and for how many " +
      "more it has room. Loss, slow readers and silent peers are all answered with these two statements and a few " +
      "timers.",
  },
  {
    family: "closing",
    title: "Closing",
    about:
      "Two directions end independently, and the last word can always be lost. Hence six states for what looks like " +
      "hanging up, one of which lasts a minute on purpose, and one that lasts as long as an application forgets it.",
  },
  {
    family: "looking",
    title: "Looking",
    about:
      "What happened can be seen from four places: the table of connections, the wire, the control block inside the " +
      "stack, and the program that somebody uses.",
  },
];
