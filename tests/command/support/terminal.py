"""Runs a program in a pseudo-terminal: what it writes goes to stdout, what comes on stdin is typed.

    terminal.py COLUMNS ROWS PROGRAM WORD ...

Descriptor 3 takes orders, one in a line: "COLUMNS ROWS" gives the terminal that size. When the
program has ended and everything it wrote was passed on, one line of JSON leaves on descriptor 3:
its exit code (negative: a signal), and whether the terminal is set as it was before. The end of
stdin is the end of whoever started this: the program is hung up on and killed.
"""

import fcntl
import json
import os
import select
import signal
import struct
import sys
import termios

CONTROL = 3
PIECE = 65536


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def run(terminal, words):
    """The program's id; the pseudo-terminal is its controlling one, and its input and output."""
    pid = os.fork()
    if pid > 0:
        return pid
    try:
        os.setsid()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        for descriptor in range(3):
            os.dup2(terminal, descriptor)
        os.closerange(3, 256)
        os.execvp(words[0], words)
    finally:
        os._exit(127)


def end(child):
    """With what it has started; it may not lead a group yet, or may be over."""
    for kill in (os.killpg, os.kill):
        try:
            kill(child, signal.SIGKILL)
        except ProcessLookupError:
            pass


def write_all(descriptor, data):
    while data:
        data = data[os.write(descriptor, data):]


def main():
    columns, rows, *words = sys.argv[1:]
    master, slave = os.openpty()
    resize(master, int(columns), int(rows))
    before = termios.tcgetattr(slave)
    # The end of the program wakes select(), as what it has written does.
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child = run(slave, words)
    orders = b""
    status = None
    while True:
        watched = [master] if status is not None else [master, woken, 0, CONTROL]
        ready, _, _ = select.select(watched, [], [], 0 if status is not None else None)
        if master in ready:
            write_all(1, os.read(master, PIECE))
        elif status is not None:
            break
        if woken in ready:
            os.read(woken, PIECE)
            ended, code = os.waitpid(child, os.WNOHANG)
            status = code if ended == child else None
        if 0 in ready:
            keys = os.read(0, PIECE)
            if not keys:
                end(child)
                return
            write_all(master, keys)
        if CONTROL in ready:
            *whole, orders = (orders + os.read(CONTROL, PIECE)).split(b"\n")
            for order in whole:
                resize(master, *map(int, order.split()))
    report = {
        "code": os.waitstatus_to_exitcode(status),
        "restored": termios.tcgetattr(slave) == before,
    }
    write_all(CONTROL, json.dumps(report).encode() + b"\n")


main()
