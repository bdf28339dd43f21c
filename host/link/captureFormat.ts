// Numbers of the pcapng format (IETF draft-ietf-opsawg-pcapng), for whoever writes or reads one.

export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const SIMPLE_PACKET = 3;
export const ENHANCED_PACKET = 6;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const LINKTYPE_ETHERNET = 1;
/** Of every block: type, and its length twice. */
export const BLOCK_BYTES = 12;
export const OPTION_END = 0;
export const OPTION_IF_NAME = 2;
export const OPTION_IF_TSRESOL = 9;
export const OPTION_IF_TSOFFSET = 14;
export const OPTION_EPB_FLAGS = 2;
export const OPTION_SHB_USERAPPL = 4;
/** Of the flags of a packet. */
export const DIRECTION_BITS = 3;
export const FLAG_INBOUND = 1;
export const FLAG_OUTBOUND = 2;

/** Whatever follows begins at a multiple of four. */
export const padded = (length: number): number => (length + 3) & ~3;
