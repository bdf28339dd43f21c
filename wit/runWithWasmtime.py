# Runs a command component with the Python package wasmtime: python3 wit/runWithWasmtime.py COMPONENT. Its standard output is
# ours; the exit code is 1 when the command fails.

import sys

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

COMMAND = "wasi:cli/run@0.2.0"


def main(path):
    engine = Engine()
    store = Store(engine)
    wasi = WasiConfig()
    wasi.inherit_stdout()
    store.set_wasi(wasi)
    linker = Linker(engine)
    linker.add_wasip2()
    instance = linker.instantiate(store, Component.from_file(engine, path))
    interface = instance.get_export_index(store, COMMAND)
    run = instance.get_func(store, instance.get_export_index(store, "run", interface))
    return 0 if run(store).tag == "ok" else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("use: python3 wit/runWithWasmtime.py COMPONENT")
    sys.exit(main(sys.argv[1]))
