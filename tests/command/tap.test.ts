// `mote serve` over a TAP device, in a network namespace of its own that ends with the test: nothing
// of this machine's network is touched. The commands in it are those that the first lines print.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { atBest } from "../static/support/atBest.js";
import { cleanEnvironment, main, needs, startMote } from "./support/process.js";

const isolate =
  process.getuid?.() === 0
    ? ["unshare", "--net", "--kill-child", "--fork"]
    : ["unshare", "-rn", "--kill-child", "--fork"];

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs shell lines in a fresh namespace. $MOTE starts the command, $DIR is a folder of its own. */
function inNamespace(t: TestContext, script: string, env: NodeJS.ProcessEnv = {}): Result {
  const folder = mkdtempSync(join(tmpdir(), "mote-tap-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [program = "", ...words] = isolate;
  const MOTE = `${process.execPath} ${main}`;
  const result = spawnSync(program, [...words, "sh", "-c", `${helpers}\n${script}`], {
    cwd: folder,
    env: cleanEnvironment({ MOTE, ...env }),
    timeout: 40_000,
    killSignal: "SIGKILL",
    encoding: "utf8",
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

const helpers = `
begin() { $MOTE serve "$@" > out 2> err & mote=$!; i=0
  while [ ! -s out ] && kill -0 $mote 2>/dev/null && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done; }
finish() { kill -$1 $mote; wait $mote; echo "exit code $?"; }
`;

/** A user without rights. */
const AS_NOBODY = ["--reuid=65534", "--regid=65534", "--clear-groups"];

let tried: Result | undefined;

/** A TAP device can be had: asked once, of the command itself, which is what matters here. */
function hasTap(t: TestContext): boolean {
  for (const [program, name] of [
    ["unshare", "util-linux"],
    ["curl", "curl"],
    ["nc", "netcat-openbsd"],
  ] as const) {
    if (!needs(t, program, name)) return false;
  }
  tried ??= inNamespace(t, "begin hello --link tap:mote0; finish TERM; cat err >&2");
  const { out, err } = tried;
  if (out.includes("exit code 0")) return true;
  const reason = `no TAP device here: ${err.trim()}`;
  assert.notEqual(process.env["MOTE_REQUIRE"], "all", reason);
  t.skip(reason);
  return false;
}

test("the commands that it prints work over TAP", (t) => {
  if (!hasTap(t)) return;
  const { out, code } = inNamespace(
    t,
    `begin hello,echo,discard,chargen,http
     sh -c "$(head -n 1 out)" 2>/dev/null | head -n 2
     sh -c "$(sed -n 2p out)"; echo
     printf 'over tap' | nc -N 198.18.0.2 7; echo
     nc 198.18.0.2 19 </dev/null | head -n 1
     curl -s -o /dev/null -w '%{http_code}\\n' http://198.18.0.2:8080/nothing
     finish INT
     cat out`,
  );
  assert.equal(code, 0);
  assert.match(out, /^MoteTCP \S+, profile desktop, up \d s\n198\.18\.0\.2\/30 on tap:mote0\n/);
  assert.match(out, /^hello ->mote$/m);
  assert.match(out, /^over tap$/m);
  assert.match(out, /^ !"#\$%&/m);
  assert.match(out, /^404$/m);
  assert.match(out, /^exit code 0$/m);
  assert.match(out, /^curl http:\/\/198\.18\.0\.2:8080\/$/m);
  assert.match(out, /closed hello 198\.18\.0\.1:\d+ in 4 B out 12 B .* TIME-WAIT$/m);
});

test("mote netstat asks the stack in its worker, which has no event loop", (t) => {
  if (!hasTap(t)) return;
  const { out, err } = inNamespace(
    t,
    `export XDG_RUNTIME_DIR=$PWD
     begin hello,echo --link tap:mote0 --name worker
     mkfifo hold; nc 198.18.0.2 7 <hold >/dev/null 2>&1 & exec 3>hold; printf mote >&3
     i=0; until $MOTE netstat --timers > seen && grep -q ESTABLISHED seen || [ $i -gt 50 ]; do i=$((i+1)); done
     cat seen
     $MOTE netstat --history --counters | grep -E ' SYN-RECEIVED|tcp_passive_opens|^tcb'
     exec 3>&-; finish TERM; ls motetcp; cat out`,
  );
  assert.equal(err, "");
  assert.match(out, /^Stack worker \(pid \d+, profile desktop, 198\.18\.0\.2\/30, up /m);
  assert.match(out, / 198\.18\.0\.2:7 +198\.18\.0\.1:\d+ +ESTABLISHED .* echo$/m);
  assert.match(out, / LISTEN +SYN-RECEIVED +SYN/);
  assert.match(out, /^ +1 +tcp_passive_opens /m);
  assert.match(out, /^tcb +1 +1 +\d/m);
  assert.match(out, /^exit code 0\n(?!worker\.sock)/m);
  assert.match(out, /^sockets +mote netstat --stack worker$/m);
});

test("mote tcpdump and mote record have frames and recordings of the stack in its worker", (t) => {
  if (!hasTap(t)) return;
  const { out } = inNamespace(
    t,
    `export XDG_RUNTIME_DIR=$PWD
     begin echo --link tap:mote0 --flight 8
     $MOTE tcpdump tcp -c 5 > frames 2> listening & dump=$!
     $MOTE record -w live > recording & record=$!
     i=0; until [ -s listening -a -s recording ] || [ $i -gt 100 ]; do sleep 0.1; i=$((i+1)); done
     printf 'through the worker' | nc -N 198.18.0.2 7; echo
     wait $dump; echo "frames $?"; grep -c 'Flags \\[' frames; cat listening
     kill -INT $record; wait $record; echo "record $?"
     $MOTE record --dump -w last
     for file in live last; do $MOTE replay $file | tail -n 1; done
     finish INT`,
  );
  assert.match(out, /^through the worker$/m);
  assert.match(out, /^frames 0\n5$/m);
  assert.match(out, /frames seen, 5 passed the filter, 0 frames dropped by the stack\.$/m);
  assert.match(out, /^record 0\nWritten to .*last\.$/m);
  assert.equal(out.match(/^The memory is the same to the last byte\.$/gm)?.length, 2);
  assert.match(out, /^exit code 0$/m);
});

test("an address of one's own, a capture, and a device that is gone afterwards", (t) => {
  if (!hasTap(t)) return;
  const { out } = inNamespace(
    t,
    `begin hello --link tap:mote5 --address 10.99.7.2/24 --pcap mote.pcapng
     printf mote | nc 10.99.7.2 8000; echo
     cat /sys/class/net/mote5/operstate
     finish TERM
     ls /sys/class/net
     od -An -tx4 -N4 mote.pcapng
     grep -c 'hello ->mote' mote.pcapng`,
  );
  assert.match(out, /^hello ->mote$/m);
  assert.match(out, /^exit code 0$/m);
  assert.doesNotMatch(out, /^mote5$/m);
  assert.match(out, /^ 0a0d0d0a\n1$/m);
});

test("the name is in use: an error for who asked for it, the next one for who did not", (t) => {
  if (!hasTap(t)) return;
  const { out } = inNamespace(
    t,
    `begin hello; first=$mote; mv out first
     $MOTE serve hello --link tap:mote0; echo "asked: $?"
     begin hello --json; head -n 1 out
     finish TERM; mote=$first; finish TERM`,
  );
  assert.match(out, /^asked: 1$/m);
  assert.match(out, /"link":"tap:mote1","address":"198\.18\.0\.6"/);
});

test("an address that overlaps one of this machine is refused", (t) => {
  if (!hasTap(t) || !needs(t, "ip", "iproute2")) return;
  const { out, err } = inNamespace(
    t,
    `ip link set lo up; ip addr add 10.99.7.1/24 dev lo
     $MOTE serve hello --link tap:mote0 --address 10.99.7.2/30; echo "exit code $?"`,
  );
  assert.match(out, /^exit code 1$/m);
  assert.match(err, /10\.99\.7\.2\/30 overlaps an address or a route of this machine/);
});

test("Ctrl-C twice with a peer that does not close: 130 at once", async (t) => {
  if (!hasTap(t)) return;
  await atBest(1_000, async () => {
    const { out } = inNamespace(
      t,
      `begin echo
       says() { i=0; until grep -q "$1" out || [ $i -ge 100 ]; do sleep 0.1; i=$((i+1)); done; }
       mkfifo hold; nc 198.18.0.2 7 <hold >/dev/null 2>&1 & exec 3>hold; says ' opened echo '
       kill -INT $mote; says '^Closing '; before=$(date +%s%N); finish INT
       echo "took $(( ($(date +%s%N) - before) / 1000000 )) ms"`,
    );
    // Held up for three seconds it is over by itself.
    if (/^exit code 0$/m.test(out)) return Infinity;
    assert.match(out, /^exit code 130$/m);
    return Number(/^took (\d+) ms$/m.exec(out)![1]);
  });
});

test("no TAP to be had: user mode by itself, and why; an error for who asked for TAP", async (t) => {
  const words = ["serve", "hello", "--port", "hello=0"];
  // As nobody, where this test runs as root.
  const through = process.getuid?.() === 0 ? ["setpriv", ...AS_NOBODY] : ["env"];
  const asked = startMote(t, [...words, "--link", "tap:mote0"], { through });
  assert.equal(await asked.ended, 1);
  assert.equal(asked.out, "");
  assert.match(asked.err, /^mote serve: TAP device mote0: [^\n]+\n {2}sudo [^\n]+\n$/);
  const fell = startMote(t, words, { through });
  await fell.seen(/^stop +Ctrl-C\n/m, 20_000);
  fell.child.kill("SIGINT");
  assert.equal(await fell.ended, 0, fell.err);
  assert.match(fell.out, /^printf mote \| nc 127\.0\.0\.1 \d+/);
  assert.match(fell.out, /^link +user mode on 127\.0\.0\.1: /m);
  assert.match(fell.out, /^no TAP +TAP device mote0: [^\n]+; to have it: sudo [^\n]+$/m);
});

test("/dev/net/tun that this user may not open: both steps at once, not one after the other", (t) => {
  if (!hasTap(t)) return;
  if (process.getuid?.() !== 0) return t.skip("another user is needed: run it as root");
  // In a mount namespace of its own the node is one that only root may open.
  const line = `mount -t tmpfs none /dev/net && mknod -m 0600 /dev/net/tun c 10 200 &&
    exec setpriv ${AS_NOBODY.join(" ")} \
      "${process.execPath}" "${main}" serve hello --link tap:mote0`;
  const { status, stderr } = spawnSync("unshare", ["--mount", "sh", "-c", line], {
    encoding: "utf8",
    timeout: 20_000,
    env: cleanEnvironment(),
  });
  assert.equal(status, 1, stderr);
  assert.match(
    stderr,
    /^ {2}sudo chmod 0666 \/dev\/net\/tun && sudo ip tuntap add mote0 [^\n]+ up$/m,
  );
});
