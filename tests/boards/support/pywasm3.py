"""Runs a module of the core in Python's wasm3, for whoever speaks the protocol of the probe on its standard input and
output: pywasm3.py MODULE MEMORY_BYTES. All numbers are little-endian.
It begins with the line "probe".

    H                                           a line of JSON: sha256, memoryBytes
    S                                           starts the core anew: u8 trap
    W u32 address, u16 count, bytes             writes memory; no answer
    R u32 address, u16 count                    the bytes of memory
    C u8 length, name, u8 count, count x u32    calls: u8 trap, u32 result, u32 ticks (0)
    M                                           u32 CRC-32 of memory

Memory is a page here; of it only the first MEMORY_BYTES count. An address outside of them ends the program.
"""

import hashlib
import json
import struct
import sys
import zlib

import wasm3

STACK_BYTES = 65536
NONE, OUT_OF_BOUNDS, ARITHMETIC, CALL_DEPTH, UNREACHABLE = range(5)
TRAPS = {
    "out of bounds memory access": OUT_OF_BOUNDS,
    "integer divide by zero": ARITHMETIC,
    "integer overflow": ARITHMETIC,
    "stack overflow": CALL_DEPTH,
}


class Core:
    def __init__(self, path, memory_bytes):
        with open(path, "rb") as file:
            self.module = file.read()
        self.bytes = memory_bytes
        self.load()

    def load(self):
        self.trap = UNREACHABLE  # until it is started
        self.environment = wasm3.Environment()
        self.runtime = self.environment.new_runtime(STACK_BYTES)
        self.runtime.load(self.environment.parse_module(self.module))
        self.functions = {}
        self.fresh = bytes(self.runtime.get_memory(0))

    def start(self):
        # Nothing outlives a call but memory; and the extension never gives a runtime back.
        if self.trap != NONE:
            self.load()
        self.runtime.get_memory(0)[:] = self.fresh
        self.trap = NONE
        return self.trap

    def call(self, name, arguments):
        if self.trap != NONE:
            return 0
        function = self.functions.get(name)
        if function is None:
            function = self.functions[name] = self.runtime.find_function(name)
        try:
            return (function(*arguments) or 0) & 0xFFFFFFFF
        except RuntimeError as error:
            self.trap = next((trap for text, trap in TRAPS.items() if text in str(error)), UNREACHABLE)
            return 0

    def memory(self, address=0, count=None):
        count = self.bytes if count is None else count
        if address + count > self.bytes:
            sys.exit(f"{count} bytes from {address} on are not memory")
        return self.runtime.get_memory(0)[address : address + count]


def read(count):
    taken = sys.stdin.buffer.read(count)
    if len(taken) < count:
        sys.exit("the input ends within a command")
    return taken


def read_numbers(form):
    return struct.unpack("<" + form, read(struct.calcsize("<" + form)))


def answer(core, command):
    if command == b"H":
        about = {"sha256": hashlib.sha256(core.module).hexdigest(), "memoryBytes": core.bytes}
        return (json.dumps(about) + "\n").encode()
    if command == b"S":
        return struct.pack("<B", core.start())
    if command == b"W":
        address, count = read_numbers("IH")
        core.memory(address, count)[:] = read(count)
        return b""
    if command == b"R":
        return bytes(core.memory(*read_numbers("IH")))
    if command == b"C":
        name = read(read(1)[0]).decode()
        result = core.call(name, read_numbers(f"{read(1)[0]}I"))
        return struct.pack("<BII", core.trap, result, 0)
    if command == b"M":
        return struct.pack("<I", zlib.crc32(core.memory()))
    sys.exit(f"there is no command {command!r}")


def main():
    core = Core(sys.argv[1], int(sys.argv[2]))
    sys.stdout.buffer.write(b"probe\r\n")
    sys.stdout.buffer.flush()
    while command := sys.stdin.buffer.read(1):
        sys.stdout.buffer.write(answer(core, command))
        sys.stdout.buffer.flush()


main()
