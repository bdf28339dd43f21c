// Names of ICMP types and codes, and back (RFC 792, RFC 1122 section 3.2.2.1, RFC 1812).

const TYPES: readonly (readonly [number, string])[] = [
  [0, "echo_reply"],
  [3, "unreachable"],
  [4, "source_quench"],
  [5, "redirect"],
  [8, "echo_request"],
  [11, "time_exceeded"],
  [12, "parameter_problem"],
  [13, "timestamp_request"],
  [14, "timestamp_reply"],
  [15, "information_request"],
  [16, "information_reply"],
  [17, "address_mask_request"],
  [18, "address_mask_reply"],
];

const CODES: Readonly<Record<number, readonly (readonly [number, string])[]>> = {
  3: [
    [0, "net_unreachable"],
    [1, "host_unreachable"],
    [2, "protocol_unreachable"],
    [3, "port_unreachable"],
    [4, "frag_needed"],
    [5, "source_route_failed"],
    [6, "net_unknown"],
    [7, "host_unknown"],
    [8, "source_host_isolated"],
    [9, "net_prohibited"],
    [10, "host_prohibited"],
    [11, "net_unreachable_for_tos"],
    [12, "host_unreachable_for_tos"],
    [13, "packet_filtered"],
    [13, "comm_prohibited"],
    [14, "precedence_violation"],
    [15, "precedence_cutoff"],
  ],
  11: [
    [0, "exceeded_ttl"],
    [0, "ttl_exceeded"],
    [1, "exceeded_frag_time"],
    [1, "reassembly_time_exceeded"],
  ],
};

/** "unreachable" or "type_3"; undefined: there is no such name. */
export function icmpType(name: string): number | undefined {
  return TYPES.find(([, known]) => known === name)?.[0] ?? numbered(name, "type_");
}

export function icmpCode(type: number, name: string): number | undefined {
  return CODES[type]?.find(([, known]) => known === name)?.[0] ?? numbered(name, "code_");
}

export function icmpText(type: number, code: number): string {
  const typeName = TYPES.find(([known]) => known === type)?.[1] ?? `type_${type}`;
  const codeName = CODES[type]?.find(([known]) => known === code)?.[1];
  return `icmp ${typeName}${codeName || code !== 0 ? ` ${codeName ?? `code_${code}`}` : ""}`;
}

export const icmpTypeNames = TYPES.map(([, name]) => name);
export const icmpCodeNames = (type: number) => (CODES[type] ?? []).map(([, name]) => name);

function numbered(name: string, prefix: string): number | undefined {
  const value = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : NaN;
  return Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined;
}
