"""An ESP32-C3 that runs a direct-boot image, in unicorn: flash, RAM, UART0, SYSTIMER, SPI2 with a W5500, the register of
random numbers. What else the firmware writes to is remembered and does nothing.

    chip.py IMAGE --control SOCKET [--nic SOCKET] [--boot FILE --boot-offset BYTES] [--count]

Standard input and output are the console. The NIC's socket carries frames as QEMU's `-netdev stream` does, the control
socket speaks the part of QEMU's machine protocol that is needed: qmp_capabilities and set_link.

With --count the timer counts instructions, one each tick, and goes on by its 16 MHz while the chip rests.
"""

import argparse
import json
import os
import select
import socket
import struct
import sys
import time

from unicorn import UC_ARCH_RISCV, UC_HOOK_BLOCK, UC_MODE_RISCV32, UC_PROT_EXEC, UC_PROT_READ, Uc, UcError
from unicorn.riscv_const import UC_RISCV_REG_PC

from w5500 import W5500

FLASH_BYTES = 4 << 20
CODE, CONSTANTS, RAM, RAM_BYTES = 0x42000000, 0x3C000000, 0x3FC80000, 320 << 10
ENTRY = 8
DIRECT_BOOT = bytes.fromhex("1d04dbae") * 2

PERIPHERALS, PERIPHERALS_BYTES = 0x60000000, 0x100000
UART_FIFO, UART_STATUS = 0x00000, 0x0001C
GPIO_SET, GPIO_CLEAR, SELECT = 0x04008, 0x0400C, 1 << 10
SYSTIMER_OP, SYSTIMER_HIGH, SYSTIMER_LOW = 0x23004, 0x23040, 0x23044
SPI_CMD, SPI_LENGTH, SPI_BUFFER, SPI_RUN = 0x24000, 0x2401C, 0x24098, 1 << 24
RANDOM = 0x260B0
TICKS_PER_S = 16_000_000

# Looks at nothing new in a row, after which each one waits: the host's processor has better things to do.
IDLE_LOOKS = 48
REST_S = 0.001


class Chip:
    def __init__(self, words):
        self.registers = {}
        self.buffer = bytearray(64)
        self.typed = bytearray()
        self.said = bytearray()
        self.idle = 0
        self.idle_transfers = 0
        self.console_is_open = True
        # An image that is none is refused before anybody believes that the chip runs.
        self.machine = self.load(words)
        self.counts = words.count
        self.counted = 0
        self.lengths = {}
        if self.counts:
            self.machine.hook_add(UC_HOOK_BLOCK, self.count)
        self.control = connect(words.control)
        self.control.sendall(b'{"QMP": {}}\n')
        self.asked = b""
        self.nic = connect(words.nic) if words.nic else None
        self.stream = b""
        self.w5500 = W5500(self.frame_out)
        os.set_blocking(sys.stdin.fileno(), False)
        self.started = time.monotonic()
        self.ticks = 0

    def load(self, words):
        with open(words.image, "rb") as file:
            image = bytearray(file.read())
        if image[:8] != DIRECT_BOOT:
            sys.exit(f"{words.image} is no direct-boot image: it does not begin with {DIRECT_BOOT.hex()}")
        flash = bytearray(b"\xff" * FLASH_BYTES)
        flash[: len(image)] = image
        if words.boot:
            with open(words.boot, "rb") as file:
                page = file.read()
            flash[words.boot_offset : words.boot_offset + len(page)] = page
        machine = Uc(UC_ARCH_RISCV, UC_MODE_RISCV32)
        for place, rights in ((CODE, UC_PROT_READ | UC_PROT_EXEC), (CONSTANTS, UC_PROT_READ)):
            machine.mem_map(place, FLASH_BYTES, rights)
            machine.mem_write(place, bytes(flash))
        machine.mem_map(RAM, RAM_BYTES)
        machine.mmio_map(PERIPHERALS, PERIPHERALS_BYTES, self.read, None, self.write, None)
        return machine

    def run(self):
        try:
            self.machine.emu_start(CODE + ENTRY, 0xFFFFFFFF)
        except UcError as error:
            self.flush()
            if self.console_is_open:
                place = self.machine.reg_read(UC_RISCV_REG_PC)
                sys.exit(f"the chip stopped at {place:#x}: {error}")

    # The world outside: console, cable, control.

    def look(self, seconds):
        readers = [sys.stdin] if self.console_is_open else []
        readers += [each for each in (self.nic, self.control) if each]
        for ready in select.select(readers, [], [], seconds)[0]:
            if ready is sys.stdin:
                self.read_console()
            elif ready is self.nic:
                self.read_nic()
            else:
                self.read_control()

    def rest(self):
        """Called when the firmware has looked in vain. A wait ends as soon as something comes from outside."""
        self.idle += 1
        if self.idle > IDLE_LOOKS:
            self.flush()
            self.look(REST_S)
            self.counted += int(REST_S * TICKS_PER_S)
        elif self.idle % 16 == 0:
            self.flush()
            self.look(0)

    def read_console(self):
        typed = os.read(sys.stdin.fileno(), 65536)
        if typed:
            self.typed += typed
            self.idle = 0
            return
        self.console_is_open = False
        self.machine.emu_stop()

    def read_nic(self):
        came = receive(self.nic)
        if not came:
            self.nic = None
        self.stream += came
        while len(self.stream) >= 4:
            (length,) = struct.unpack_from(">I", self.stream)
            if len(self.stream) < 4 + length:
                break
            self.w5500.receive(self.stream[4 : 4 + length])
            self.stream = self.stream[4 + length :]
        self.idle = 0

    def frame_out(self, frame):
        if self.nic and not send(self.nic, struct.pack(">I", len(frame)) + frame):
            self.nic = None

    def read_control(self):
        came = receive(self.control)
        *lines, self.asked = (self.asked + came).split(b"\n")
        answers = [self.answer_to(json.loads(line)) for line in lines]
        if not came or not send(self.control, b"".join(answers)):
            self.control = None

    def answer_to(self, command):
        name = command["execute"]
        if name == "set_link":
            self.w5500.link = command["arguments"]["up"]
        elif name != "qmp_capabilities":
            return json.dumps({"error": {"desc": f"no command {name}"}}).encode() + b"\n"
        return b'{"return": {}}\n'

    def flush(self):
        if self.said:
            os.write(sys.stdout.fileno(), self.said)
            self.said.clear()

    # The chip's own.

    def count(self, machine, address, size, data):
        """A block of instructions begins, which runs to its end."""
        place = address, size
        length = self.lengths.get(place)
        if length is None:
            length = self.lengths[place] = instructions_of(machine.mem_read(address, size))
        self.counted += length

    def read(self, machine, offset, size, data):
        if offset == UART_STATUS:
            if not self.typed:
                self.rest()
            return min(len(self.typed), 127)
        if offset == UART_FIFO:
            return self.typed.pop(0) if self.typed else 0
        if offset == SYSTIMER_OP:
            return 1 << 29
        if offset == SYSTIMER_LOW:
            return self.ticks & 0xFFFFFFFF
        if offset == SYSTIMER_HIGH:
            return self.ticks >> 32
        if SPI_BUFFER <= offset < SPI_BUFFER + 64:
            return struct.unpack_from("<I", self.buffer, offset - SPI_BUFFER)[0]
        if offset == SPI_CMD:
            return 0
        if offset == RANDOM:
            return int.from_bytes(os.urandom(4), "little")
        return self.registers.get(offset, 0)

    def write(self, machine, offset, size, value, data):
        if offset == UART_FIFO:
            self.said.append(value & 0xFF)
            self.idle = 0
            if value == 10 or len(self.said) > 4096:
                self.flush()
        elif offset == GPIO_CLEAR and value & SELECT:
            self.w5500.select()
        elif offset == SYSTIMER_OP:
            self.ticks = self.counted if self.counts else int((time.monotonic() - self.started) * TICKS_PER_S)
        elif SPI_BUFFER <= offset < SPI_BUFFER + 64:
            struct.pack_into("<I", self.buffer, offset - SPI_BUFFER, value & 0xFFFFFFFF)
        elif offset == SPI_CMD and value & SPI_RUN:
            count = (self.registers.get(SPI_LENGTH, 0) + 1) // 8
            self.buffer[:count] = self.w5500.transfer(bytes(self.buffer[:count]))
            if self.w5500.is_waiting():
                self.idle = 0
            elif not self.typed:
                self.look_now_and_then()
        else:
            self.registers[offset] = value

    def look_now_and_then(self):
        """The cable is looked at while the W5500 has nothing to read."""
        self.idle_transfers += 1
        if self.idle_transfers % 8 == 0:
            self.look(0)


def instructions_of(code):
    """RV32IMC: the two lowest bits of an instruction of four bytes are set."""
    count = at = 0
    while at < len(code):
        at += 4 if code[at] & 3 == 3 else 2
        count += 1
    return count


def receive(link):
    """What has come; nothing: the other side is gone."""
    try:
        return link.recv(65536)
    except OSError:
        return b""


def send(link, data):
    """False: the other side is gone."""
    try:
        link.sendall(data)
    except OSError:
        return False
    return True


def connect(path):
    link = socket.socket(socket.AF_UNIX)
    link.connect(path)
    return link


def main():
    words = argparse.ArgumentParser()
    words.add_argument("image")
    words.add_argument("--control", required=True)
    words.add_argument("--nic")
    words.add_argument("--boot")
    words.add_argument("--boot-offset", type=int, default=0)
    words.add_argument("--count", action="store_true")
    chip = Chip(words.parse_args())
    chip.run()
    chip.flush()


main()
