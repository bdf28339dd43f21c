// A frame as a JSON object on one line. Layers that a frame does not have are left out.

import { formatAddress, formatMac, numberToAddress } from "../../core/address.js";
import { icmpText, isEcho } from "../../dissect/icmp.js";
import { isFragment, protocolName, type Ipv4 } from "../../dissect/ip.js";
import type { Packet } from "../../dissect/packet.js";
import { ACK, flagLetters } from "../../dissect/tcp.js";
import type { TcpOption } from "../../dissect/tcpOptions.js";
import { serviceOf } from "../../dissect/udp.js";
import type { Form, Note } from "./notes.js";

export function createJson(line: (text: string) => void): Form {
  return {
    add: (note) => line(JSON.stringify(objectOf(note))),
    end: () => undefined,
  };
}

function objectOf(note: Note): object {
  const { number, frame, packet } = note;
  const { ethernet, problem } = packet;
  return {
    event: "frame",
    number,
    time: frame.timeUs / 1000,
    length: frame.length,
    captured: frame.bytes.length,
    ...(frame.direction === null ? {} : { direction: frame.direction }),
    ...(ethernet === null ? {} : { ethernet: ethernetObject(packet) }),
    ...networkObject(packet),
    ...(packet.tcp === null ? {} : { tcp: tcpObject(note) }),
    ...(problem === null ? {} : { problem }),
  };
}

function ethernetObject({ ethernet }: Packet): object {
  const { source, destination, type, vlans } = ethernet!;
  return { source: formatMac(source), destination: formatMac(destination), type, vlans };
}

function networkObject({ arp, ip, ipv6, icmp, udp }: Packet): object {
  if (arp !== null) {
    const { operation, sender, senderMac, target, targetMac } = arp;
    const from = { sender: numberToAddress(sender), senderMac: formatMac(senderMac) };
    const about = { target: numberToAddress(target), targetMac: formatMac(targetMac) };
    return { arp: { operation, ...from, ...about } };
  }
  if (ipv6 !== null) {
    const { source, destination, nextHeader, hopLimit } = ipv6;
    const ends = { source: formatAddress(source), destination: formatAddress(destination) };
    return { ipv6: { ...ends, nextHeader, hopLimit, length: ipv6.payloadBytes } };
  }
  return {
    ...(ip === null ? {} : { ip: ipObject(ip) }),
    ...(icmp === null
      ? {}
      : {
          icmp: {
            type: icmp.type,
            code: icmp.code,
            text: icmpText(icmp),
            ...(isEcho(icmp) ? { identifier: icmp.identifier, sequence: icmp.sequence } : {}),
            length: icmp.bytes,
          },
        }),
    ...(udp === null
      ? {}
      : {
          udp: {
            sourcePort: udp.sourcePort,
            destinationPort: udp.destinationPort,
            service: serviceOf(udp),
            length: udp.dataBytes,
          },
        }),
  };
}

function ipObject(ip: Ipv4): object {
  return {
    source: numberToAddress(ip.source),
    destination: numberToAddress(ip.destination),
    protocol: protocolName(ip.protocol),
    ttl: ip.ttl,
    tos: ip.tos,
    identification: ip.identification,
    dontFragment: ip.dontFragment,
    length: ip.totalBytes,
    ...(isFragment(ip)
      ? { fragment: { offset: ip.fragmentOffset, more: ip.moreFragments, bytes: ip.payloadBytes } }
      : {}),
  };
}

function tcpObject({ packet, segment }: Note): object {
  const tcp = packet.tcp!;
  const known = segment!;
  return {
    conversation: known.conversation.id,
    sourcePort: tcp.sourcePort,
    destinationPort: tcp.destinationPort,
    flags: flagLetters(tcp.flags),
    sequence: known.sequence,
    rawSequence: tcp.sequence,
    ...(tcp.flags & ACK
      ? { acknowledgment: known.acknowledgment, rawAcknowledgment: tcp.acknowledgment }
      : {}),
    window: known.windowBytes,
    rawWindow: tcp.window,
    windowShift: known.shift,
    urgent: tcp.urgent,
    length: tcp.dataBytes,
    options: tcp.options.map((option) => optionObject(option, known.sacks)),
    words: known.words,
  };
}

/** SACK blocks have relative numbers, as all without "raw" in the name. */
function optionObject(option: TcpOption, sacks: readonly (readonly [number, number])[]): object {
  if (option.name === "sack") return { ...option, blocks: sacks };
  return "data" in option ? { ...option, data: Buffer.from(option.data).toString("hex") } : option;
}
