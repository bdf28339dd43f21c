// Each way in which a script can fail, and what it says: the place, what was expected, what came.

import { test } from "node:test";
import { LISTENING, OPEN, passes, says } from "./support/scripts.js";

test("a packet that differs is shown with what was expected, at its moment", async () => {
  await says(
    `${OPEN}+0 write(4, ..., 10) = 10\n+0 > . 1:11(10) ack 1`,
    "failed",
    /^flags \. expected, P\. came$/,
    {
      line: 10,
      column: 1,
      source: "+0 > . 1:11(10) ack 1",
      expected: "> . 1:11(10) ack 1",
      found: "0.100000 > P. 1:11(10) ack 1 win 65535",
      time: 0.1,
    },
  );
});

const written = `${OPEN}+0 write(4, ..., 10) = 10\n`;
const differences: [line: string, message: RegExp][] = [
  ["+0 > P. 2:12(10) ack 1", /^seq 2 expected, 1 came$/],
  ["+0 > P. 1:12(11) ack 1", /^length 11 expected, 10 came$/],
  ["+0 > P. 1:11(10) ack 2", /^ack 2 expected, 1 came$/],
  ["+0 > P. 1:11(10) ack 1 win 5", /^win 5 expected, 65535 came$/],
  ["+0 > P. 1:11(10) ack 1 <nop>", /^option nop expected, and none came$/],
  ["+0 > (ttl 63) P. 1:11(10) ack 1", /^ttl 63 expected, 64 came$/],
  ["+0 > (nodf) P. 1:11(10) ack 1", /^df false expected, true came$/],
  ["+0 > [ect0] P. 1:11(10) ack 1", /^tos 2 expected, 0 came$/],
  ["+0 > [ect01] P. 1:11(10) ack 1", /^ect0 or ect1 expected, ECN 0 came$/],
  ["+0 > 8080 > 7 P. 1:11(10) ack 1", /^another connection's packet came \(8080 > 40001\)$/],
  ["+0 > icmp echo_reply", /^TCP came$/],
  ["+.1 > P. 1:11(10) ack 1", /^it came at 0\.100000$/],
  ["+0 > P. 1:11(10)! ack 1", /^seq 1 expected, \d+ came$/],
];
for (const [line, message] of differences) {
  test(`difference: ${line}`, async () => {
    await says(written + line, "failed", message, { line: 10 });
  });
}

test("no packet: how long it was waited for", async () => {
  await says(`${OPEN}+0 > . 1:1(0) ack 1`, "failed", /^no packet came until 0\.104000$/, {
    found: "nothing",
    expected: "> . 1:1(0) ack 1, from 0.096000 to 0.104000",
    time: 0.104,
  });
});

test("a packet is left at the end", async () => {
  await says(`${written}+0 \`state 4 ESTABLISHED\``, "failed", /^packets are left/, {
    found: "0.100000 > P. 1:11(10) ack 1 win 65535",
  });
  await passes(`--leftover_packets=ignore\n${written}`);
});

test("the tolerance is the script's: a timer one ms late", async () => {
  const script = (tolerance: number) =>
    `--tolerance_usecs=${tolerance}\n${OPEN}+0 < P. 1:11(10) ack 1 win 10000\n+.039 > . 1:1(0) ack 11`;
  await says(script(999), "failed", /no packet came until 0\.139999/);
  await passes(script(1000));
});

test("SYN options in another order are a difference, unless any order will do", async () => {
  const script = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
+0 > S 0:0(0) <TS val 100 ecr 0,sackOK,mss 1460,wscale 0>`;
  await says(script, "failed", /^option TS val 100 ecr 0 expected, mss 1460 came$/);
  await passes(`--option_order=any\n${script}`);
});

test("a timestamp is compared where the script says how long a tick is", async () => {
  const script = (tick: string) => `${tick}${OPEN.replace("--option=TIMESTAMPS=0\n", "")
    .replace("<mss 1000>", "<mss 1000,TS val 1 ecr 0>")
    .replace("ack 1 <mss 1460>", "ack 1 <mss 1460,nop,nop,TS val 10 ecr 1>")
    .replace(
      "ack 1 win 10000\n+0 accept",
      "ack 1 win 10000 <TS val 2 ecr 10>\n+0 accept",
    )}+0 write(4, ..., 10) = 10
+0 > P. 1:11(10) ack 1 <nop,nop,TS val 10 ecr 2>`;
  await says(script("--tcp_ts_tick_usecs=1000\n"), "failed", /^TS val 10 expected, 110 came$/);
  await passes(script(""));
});

test("an echoed timestamp that nobody sent is a mistake, unless it is worked out", async () => {
  const script = `${OPEN.replace("TIMESTAMPS=0", "TIMESTAMPS=1")}+0 < . 1:1(0) ack 1 win 1 <TS val 5 ecr 77>`;
  await says(script, "mistake", /^ecr 77 echoes no timestamp of the stack/, { line: 9 });
});

test("a system call with another result, and one with another error", async () => {
  await says(`${OPEN}+0 write(4, ..., 10) = 9`, "failed", /^write returned 10$/, {
    expected: "9",
    found: "10",
  });
  await says(
    `${LISTENING}+0 fcntl(3, F_SETFL, O_NONBLOCK) = 0\n+0 accept(3, ..., ...) = 4`,
    "failed",
    /^accept returned -1 EAGAIN$/,
    { expected: "4" },
  );
  await says(
    `${OPEN}+0 recv(4, ..., 10, MSG_DONTWAIT) = -1 EPIPE (Broken pipe)`,
    "failed",
    /^recv returned -1 EAGAIN$/,
    { expected: "-1 EPIPE" },
  );
});

test("a call that would wait needs an end; one that waits too long or not long enough fails", async () => {
  await says(
    `${OPEN}+0 read(4, ..., 10) = 10`,
    "failed",
    /^read waits; a call that waits has an end/,
  );
  await says(
    `${OPEN}+0...0.1 read(4, ..., 10) = 10\n+.2 < P. 1:11(10) ack 1 win 1`,
    "failed",
    /^read returned at 0\.300000, not at 0\.200000$/,
    { line: 9, source: "+0...0.1 read(4, ..., 10) = 10" },
  );
  await says(
    `${OPEN}+0...0.1 read(4, ..., 10) = 10`,
    "failed",
    /^read has not returned until 0\.204000$/,
  );
  await says(
    `${OPEN}+0 < P. 1:11(10) ack 1 win 1\n+0...0.1 read(4, ..., 10) = 10`,
    "failed",
    /^read returned at 0\.100000, not at 0\.200000$/,
  );
});

test("an assertion shows the values of its names", async () => {
  await says(`${OPEN}+0 %{ assert tcpi_snd_cwnd == 11, "cwnd" }%`, "failed", /does not hold/, {
    expected: "tcpi_snd_cwnd == 11",
    found: "tcpi_snd_cwnd is 10",
  });
});

test("a state, a counter or a pool that differs", async () => {
  await says(`${OPEN}+0 \`state 4 CLOSE-WAIT\``, "failed", /^the state differs$/, {
    expected: "CLOSE-WAIT",
    found: "ESTABLISHED",
  });
  await says(`${OPEN}+0 \`counter TCP_PASSIVE_OPENS 2\``, "failed", /TCP_PASSIVE_OPENS differs/, {
    expected: "2",
    found: "1",
  });
  await says(`${OPEN}+0 \`pool tcb 0\``, "failed", /the pool tcb differs/, { found: "1" });
});

test("an event whose time is over is a mistake", async () => {
  await says(
    `${OPEN}0.05 \`state 4 ESTABLISHED\``,
    "mistake",
    /its time 0\.050000 is over: it is 0\.100000/,
  );
});

const mistakes: [text: string, message: RegExp][] = [
  ["--mtv=1500\n0 `link up`", /^unknown option --mtv \(did you mean mtu\?\)$/],
  ["--mtu=10\n0 `link up`", /^expected a number from 576 to 65535, found 10$/],
  ["--local_ip=1.2.3\n0 `link up`", /^expected an IPv4 address, found 1\.2\.3$/],
  ["--profile=huge\n0 `link up`", /^expected one of tiny, esp32, desktop, found huge$/],
  ["--option=MSL=1\n0 `link up`", /^the core has no option MSL /],
  ["--netmask_ip=255.0.255.0\n0 `link up`", /^expected a network mask/],
  ["--option=MSL_MS=0\n0 `link up`", /^the core refused MSL_MS=0: EINVAL$/],
  ["0 `state 3 ESTABLISHD`", /^expected a state \(did you mean ESTABLISHED\?\)/],
  ["0 `state 9 CLOSED`", /^expected a socket or -, found 9$/],
  ["0 `counter NOTHING 1`", /^there is no counter NOTHING/],
  ["0 %{ assert 1 + }%", /^expected a value, found the end/],
  [
    `${LISTENING}+0 setsockopt(3, SOL_SOCKET, SO_LINGER, [1], 4) = 0`,
    /^expected \{onoff=1, linger=0\}$/,
  ],
  [`${LISTENING}+0 shutdown(3, SHUT_WRITE) = 0`, /^expected SHUT_RD.*found SHUT_WRITE/],
  [`${LISTENING}+0 bind(3) = 0`, /^expected an address as argument 2 of bind/],
  [`${OPEN}+0 write(4, ..., -1) = -1`, /^expected a number of bytes from 0 to .*, found -1$/],
  [
    `${LISTENING}+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3`,
    /^expected the number of a socket that is not in use/,
  ],
];
for (const [text, message] of mistakes) {
  test(`mistake: ${text.split("\n").at(-2) ?? text} ${text.split("\n").at(-1)}`, async () => {
    await says(text, "mistake", message);
  });
}

const unsupported: [text: string, message: RegExp][] = [
  ["--ip_version=ipv6\n0 `link up`", /^IPv6 is not supported by this stack yet$/],
  ["--local_ip=fd3d::1\n0 `link up`", /^IPv6/],
  ["0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3", /UDP is not supported by this stack yet/],
  ["0 socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 3", /^IPv6/],
  ["0 epoll_create(1) = 3", /does not know the system call epoll_create/],
  ["0 `rm -rf /tmp/x`", /^no shell here: rm -rf/],
  ["0 `sysctl -w net.ipv4.tcp_no_such=1`", /does not know the variable net\.ipv4\.tcp_no_such/],
  [`${LISTENING}+0 setsockopt(3, SOL_TCP, TCP_CORK, [1], 4) = 0`, /^the core has no corking yet$/],
  [
    `${LISTENING}+0 setsockopt(3, SOL_TCP, TCP_NODELY, [1], 4) = 0`,
    /TCP_NODELY \(did you mean TCP_NODELAY\?\)/,
  ],
  [
    `${LISTENING}+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, "cubic", 5) = 0`,
    /^the core has reno or newreno/,
  ],
  [`${OPEN}+0 %{ x = 1 }%`, /^only assert is understood/],
  [`${OPEN}+0 %{ assert tcpi_cwnd == 1 }%`, /^the core has no tcpi_cwnd/],
];
for (const [text, message] of unsupported) {
  test(`unsupported: ${text.split("\n").at(-2) ?? ""} ${text.split("\n").at(-1)}`, async () => {
    await says(text, "unsupported", message);
  });
}
