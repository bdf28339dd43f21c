// What a stack tells about itself as families of metrics, whatever form they are written in: counters, pools,
// connections by state, interfaces. The label values are the names of the boundary and the numbers of interfaces: a
// fixed set, with nothing in it about who talks to whom.

import { Abi, counterNames, StateName } from "../core/generated/abi.js";
import { counterMeanings } from "../core/generated/meanings.js";
import type { CounterName } from "../core/observe.js";
import type { Stack } from "../core/stack.js";
import { totalsOf } from "./totals.js";

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  /** Without the suffix that a type puts behind it. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "info";
  /** A base unit, with which the name ends. */
  readonly unit?: "bytes";
  readonly help: string;
  readonly samples: readonly Sample[];
}

const PREFIX = "motetcp";
const NO_LABELS = {};

export function familiesOf(stack: Stack): Family[] {
  return [
    aboutBuild(stack),
    ...aboutTraffic(stack),
    aboutConnections(stack),
    ...aboutPools(stack),
    ...aboutInterfaces(stack),
  ];
}

function aboutBuild({ profile }: Stack): Family {
  return {
    name: `${PREFIX}_build`,
    type: "info",
    help: "Which build of the core runs.",
    samples: [{ labels: { profile, abi: String(Abi.VERSION) }, value: 1 }],
  };
}

/** Why something was dropped, for a counter that counts drops: "drop_tcp_window", "tcp_backlog_drops". */
export function dropReason(counter: string): string | null {
  const match = /^drop_(.+)$|^(.+)_drops$/.exec(counter);
  return match === null ? null : (match[1] ?? match[2] ?? null);
}

/** All drops in one family, by their reason; every other counter in one of its own. */
function aboutTraffic(stack: Stack): Family[] {
  const totals = totalsOf(stack);
  const families: Family[] = [];
  const drops: Sample[] = [];
  counterNames.forEach((name, id) => {
    const value = totals[name as CounterName];
    const reason = dropReason(name);
    if (reason !== null) {
      drops.push({ labels: { reason }, value });
      return;
    }
    families.push({
      name: `${PREFIX}_${name}`,
      type: "counter",
      ...(name.endsWith("_bytes") ? { unit: "bytes" as const } : {}),
      help: counterMeanings[id] ?? "",
      samples: [{ labels: NO_LABELS, value }],
    });
  });
  const help =
    "Frames, packets, segments, datagrams and messages that were dropped, by the reason.";
  return [...families, { name: `${PREFIX}_drops`, type: "counter", help, samples: drops }];
}

function aboutConnections(stack: Stack): Family {
  const counts = new Map(Object.values(StateName).map((state) => [state, 0]));
  for (const { state } of stack.connections()) counts.set(state, (counts.get(state) ?? 0) + 1);
  return {
    name: `${PREFIX}_connections`,
    type: "gauge",
    help: "Connections, handshakes and listeners, by the state of RFC 9293.",
    samples: [...counts].map(([state, value]) => ({ labels: { state }, value })),
  };
}

function aboutPools(stack: Stack): Family[] {
  const pools = stack.pools();
  const names = pools.map(({ name }) => ({ pool: name }));
  const family = (what: string, help: string, value: (index: number) => number): Family => ({
    name: `${PREFIX}_pool_${what}`,
    type: "gauge",
    help,
    samples: names.map((labels, index) => ({ labels, value: value(index) })),
  });
  return [
    family("used", "Records in use, by pool.", (i) => pools[i]!.used),
    family(
      "high_water",
      "The most records that were ever in use, by pool.",
      (i) => pools[i]!.highWater,
    ),
    family("capacity", "Records that there are, by pool.", (i) => pools[i]!.capacity),
  ];
}

function aboutInterfaces(stack: Stack): Family[] {
  const interfaces = stack.interfaces();
  const samples = (value: (index: number) => number): Sample[] =>
    interfaces.map(({ index }, i) => ({ labels: { interface: String(index) }, value: value(i) }));
  const name = `${PREFIX}_interface`;
  return [
    {
      name: `${name}_up`,
      type: "gauge",
      help: "1: frames pass; 0: the link is down.",
      samples: samples((i) => Number(interfaces[i]!.up)),
    },
    {
      name: `${name}_mtu_bytes`,
      type: "gauge",
      unit: "bytes",
      help: "Bytes of the largest IP packet.",
      samples: samples((i) => interfaces[i]!.mtu),
    },
    {
      name: `${name}_replies_lost`,
      type: "counter",
      help: "Immediate replies that the link had no room for.",
      samples: samples((i) => interfaces[i]!.repliesLost),
    },
  ];
}
