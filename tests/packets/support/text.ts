// Frames as one line of text, for the messages of failing tests.

import type { View } from "./frame.js";

const dotted = (address: number[]) => address.join(".");

export function describeView(view: View): string {
  switch (view.kind) {
    case "arp": {
      const verb = view.operation === 1 ? "request" : `reply(${view.operation})`;
      return `ARP ${verb} ${dotted(view.sender)} asks for ${dotted(view.target)}`;
    }
    case "icmp":
      return `ICMP type ${view.type} code ${view.code} to ${dotted(view.destination)}`;
    case "udp": {
      const ports = `${view.sourcePort} > ${view.destinationPort}`;
      return `UDP ${ports} to ${dotted(view.destination)} len ${view.data.length}`;
    }
    case "igmp":
      return `IGMP type ${view.type} to ${dotted(view.destination)}`;
    case "fragment":
      return `fragment at ${view.offset} len ${view.data.length}${view.more ? " more" : ""}`;
    case "tcp": {
      const options = [
        view.mss === undefined ? "" : ` mss ${view.mss}`,
        view.ws === undefined ? "" : ` ws ${view.ws}`,
        view.sackPermitted ? " sackOK" : "",
        view.sacks === undefined
          ? ""
          : ` sack ${view.sacks.map((block) => block.join(":")).join(" ")}`,
        view.ts === undefined ? "" : ` ts ${view.ts.val} ${view.ts.ecr}`,
      ].join("");
      const numbers = `seq ${view.seq} ack ${view.ack} win ${view.win} len ${view.data.length}`;
      const ports = `${view.sourcePort} > ${view.destinationPort}`;
      return `TCP ${ports} <${view.flags}> ${numbers}${options}`;
    }
  }
}
