"""A W5500 at the end of an SPI bus, as its datasheet has it: registers, buffers and commands of socket 0 in MACRAW."""

import struct

COMMON, SOCKET_0, TX_BUFFER, RX_BUFFER = range(4)
WRITE = 4
MR, PHYCFGR, VERSIONR = 0x00, 0x2E, 0x39
SN_MR, SN_CR, SN_IR, SN_SR = range(4)
SN_TX_FSR, SN_TX_RD, SN_TX_WR, SN_RX_RSR, SN_RX_RD, SN_RX_WR = 0x20, 0x22, 0x24, 0x26, 0x28, 0x2A
OPEN, CLOSE, SEND, RECV = 0x01, 0x10, 0x20, 0x40
CLOSED, MACRAW = 0x00, 0x42
SENDOK = 0x10
BUFFER_BYTES = 16384
MASK = BUFFER_BYTES - 1
LINK = 1


class W5500:
    def __init__(self, send):
        """send: told the frames that leave."""
        self.send = send
        self.link = True
        self.reset()

    def reset(self):
        self.blocks = [bytearray(0x40), bytearray(0x30), bytearray(BUFFER_BYTES), bytearray(BUFFER_BYTES)]
        self.blocks[COMMON][VERSIONR] = 4
        self.header = b""
        self.place = 0
        self.interrupts = 0
        self.empty()

    def empty(self):
        self.interrupts = 0
        self.rx_written = self.rx_read = self.tx_sent = 0
        for register in (SN_TX_RD, SN_TX_WR, SN_RX_RD, SN_RX_WR):
            self.put(register, 0)

    def get(self, register):
        return struct.unpack_from(">H", self.blocks[SOCKET_0], register)[0]

    def put(self, register, value):
        struct.pack_into(">H", self.blocks[SOCKET_0], register, value & 0xFFFF)

    def select(self):
        """Chip select goes low: a transfer begins with address and control."""
        self.header = b""

    def transfer(self, out):
        """Bytes out, as many in."""
        missing = 3 - len(self.header)
        if missing > 0:
            self.header += out[:missing]
            if len(self.header) < 3:
                return bytes(len(out))
            self.place = self.header[0] << 8 | self.header[1]
            rest = out[missing:]
            return bytes(len(out) - len(rest)) + (self.data(rest) if rest else b"")
        return self.data(out)

    def data(self, out):
        block = self.header[2] >> 3
        place = self.place
        self.place = (place + len(out)) & 0xFFFF
        if block >= len(self.blocks):
            return bytes(len(out))  # of sockets that are not used
        memory = self.blocks[block]
        start = place % len(memory)
        if not self.header[2] & WRITE:
            self.refresh(block)
            return bytes((memory + memory)[start : start + len(out)])
        first = out[: len(memory) - start]
        memory[start : start + len(first)] = first
        memory[: len(out) - len(first)] = out[len(first) :]
        self.written(block, start, out)
        return bytes(len(out))

    def refresh(self, block):
        """What the chip knows and the registers show."""
        if block == COMMON:
            self.blocks[COMMON][PHYCFGR] = 0xB8 | (LINK if self.link else 0)
        elif block == SOCKET_0:
            self.put(SN_RX_RSR, self.rx_written - self.rx_read)
            self.put(SN_RX_WR, self.rx_written)
            self.put(SN_TX_RD, self.tx_sent)
            self.put(SN_TX_FSR, BUFFER_BYTES - ((self.get(SN_TX_WR) - self.tx_sent) & 0xFFFF))

    def written(self, block, start, out):
        if block == COMMON and start == MR and out[0] & 0x80:
            self.reset()
        elif block == SOCKET_0 and start == SN_IR:
            self.interrupts &= ~out[0]
            self.blocks[SOCKET_0][SN_IR] = self.interrupts
        elif block == SOCKET_0 and start == SN_CR:
            self.blocks[SOCKET_0][SN_CR] = 0
            self.command(out[0])

    def command(self, command):
        registers = self.blocks[SOCKET_0]
        if command == OPEN and registers[SN_MR] & 0x0F == 4:
            self.empty()
            registers[SN_SR] = MACRAW
        elif command == CLOSE:
            registers[SN_SR] = CLOSED
        elif command == RECV:
            self.rx_read = self.get(SN_RX_RD)
        elif command == SEND:
            end = self.get(SN_TX_WR)
            count = (end - self.tx_sent) & 0xFFFF
            buffer, start = self.blocks[TX_BUFFER], self.tx_sent & MASK
            self.tx_sent = end
            self.interrupts |= SENDOK
            registers[SN_IR] = self.interrupts
            if self.link:
                self.send(bytes((buffer + buffer)[start : start + count]))

    def is_waiting(self):
        return (self.rx_written - self.rx_read) & 0xFFFF != 0

    def receive(self, frame):
        """A frame on the wire; without room, link or socket it is lost."""
        room = BUFFER_BYTES - ((self.rx_written - self.rx_read) & 0xFFFF)
        if not self.link or self.blocks[SOCKET_0][SN_SR] != MACRAW or len(frame) + 2 > room:
            return
        if self.blocks[SOCKET_0][SN_MR] & 0x80 and not frame[0] & 1:
            if frame[:6] != bytes(self.blocks[COMMON][9:15]):
                return
        data = struct.pack(">H", len(frame) + 2) + frame
        buffer, start = self.blocks[RX_BUFFER], self.rx_written & MASK
        first = data[: BUFFER_BYTES - start]
        buffer[start : start + len(first)] = first
        buffer[: len(data) - len(first)] = data[len(first) :]
        self.rx_written = (self.rx_written + len(data)) & 0xFFFF
